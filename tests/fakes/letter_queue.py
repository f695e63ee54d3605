"""A dead-letter queue in memory, with the function that its letters are for."""

from collections.abc import Callable, Iterable

from local.errors import LocalError
from local.redrive.letters import Letter

BATCH = 10


class FakeLetterQueue:
    """Hides what it has handed out, as SQS does, until it is released.

    `when_invoked` is called with each event and returns the invocation's id; it may raise, and may write letters.
    """

    function = "CreateSnapshotFunction"

    def __init__(
        self,
        *letters: Letter,
        when_invoked: Callable[[str], str] = lambda _: "",
        undeletable: Iterable[str] = (),
    ) -> None:
        self._visible = list(letters)
        self._hidden: list[Letter] = []
        self._when_invoked = when_invoked
        self._undeletable = set(undeletable)
        self.invoked_with: list[str] = []

    @property
    def visible_ids(self) -> list[str]:
        return [letter.message_id for letter in self._visible]

    @property
    def all_ids(self) -> set[str]:
        return {letter.message_id for letter in self._visible + self._hidden}

    def write(self, letter: Letter) -> None:
        self._visible.append(letter)

    def receive(self) -> list[Letter]:
        batch, self._visible = self._visible[:BATCH], self._visible[BATCH:]
        self._hidden += batch
        return batch

    def invoke(self, event: str) -> str:
        invocation = self._when_invoked(event)
        self.invoked_with.append(event)
        return invocation

    def delete(self, letter: Letter) -> None:
        if letter.message_id in self._undeletable:
            raise LocalError(f"deleting letter {letter.message_id} failed: throttled")
        self._hidden.remove(letter)

    def release(self, letter: Letter) -> None:
        self._hidden.remove(letter)
        self._visible.append(letter)
