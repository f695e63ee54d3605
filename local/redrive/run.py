"""Tries every dead letter again; a letter is deleted only once Lambda has taken its event."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from local.errors import LocalError
from local.redrive.letters import Letter, Unreadable, read_letter

type Say = Callable[[str], None]


class LetterQueue(Protocol):
    """The dead-letter queue of one function."""

    function: str

    def receive(self) -> list[Letter]:
        """Return some letters; none when there are no more."""

    def invoke(self, event: str) -> str:
        """Hand the event to the function and return the invocation's id."""

    def delete(self, letter: Letter) -> None:
        """Remove the letter for good."""

    def release(self, letter: Letter) -> None:
        """Show the letter to other readers again."""


@dataclass(frozen=True, slots=True)
class RedriveReport:
    """How many letters were handed to their functions again, and how many were left in their queues."""

    handed_over: int = 0
    left: int = 0

    def __add__(self, other: "RedriveReport") -> "RedriveReport":
        """Return both together."""
        return RedriveReport(self.handed_over + other.handed_over, self.left + other.left)

    def __str__(self) -> str:
        """Return the numbers in words."""
        if not self.handed_over + self.left:
            return "No dead letters."
        return f"Dead letters: {self.handed_over} handed to their functions again, {self.left} left in their queues."


def redrive(queues: Iterable[LetterQueue], say: Say) -> RedriveReport:
    """Try every letter of every queue again and say one line about each.

    Args:
        queues: Whose letters.
        say: Told the lines.

    Raises:
        LocalError: a queue cannot be read.
    """
    return sum((_Round(queue, say).run() for queue in queues), RedriveReport())


class _Round:
    """One pass over one queue; what the functions give up on again meanwhile is left to the next."""

    def __init__(self, queue: LetterQueue, say: Say) -> None:
        self._queue = queue
        self._say = say
        self._seen: set[str] = set()
        self._invocations: set[str] = set()
        self._left: list[Letter] = []

    def run(self) -> RedriveReport:
        while letters := [letter for letter in self._queue.receive() if letter.message_id not in self._seen]:
            for letter in letters:
                self._seen.add(letter.message_id)
                self._handle(letter)
        for letter in self._left:
            self._queue.release(letter)
        return RedriveReport(len(self._seen) - len(self._left), len(self._left))

    def _handle(self, letter: Letter) -> None:
        reading = read_letter(letter)
        if isinstance(reading, Unreadable):
            self._leave(letter, reading.obstacle)
        elif reading.request_id and reading.request_id in self._invocations:
            self._leave(letter, f"it failed again: {reading.cause}")
        elif obstacle := self._obstacle_to(letter, reading.event):
            self._leave(letter, f"{obstacle} (letter's cause: {reading.cause})")
        else:
            self._say(f"{self._queue.function}: handed to it again (cause: {reading.cause})")

    def _obstacle_to(self, letter: Letter, event: str) -> str | None:
        try:
            self._invocations.add(self._queue.invoke(event))
        except LocalError as error:
            return str(error)
        try:
            self._queue.delete(letter)
        except LocalError as error:
            return f"handed to it again, but {error}"
        return None

    def _leave(self, letter: Letter, why: str) -> None:
        self._left.append(letter)
        self._say(f"{self._queue.function}: left letter {letter.message_id} in its queue: {why}")
