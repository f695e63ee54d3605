"""Follows a stack until what is under way has ended, and tells what happened."""

from collections.abc import Callable
from datetime import datetime, timedelta

from deployment.errors import DeploymentError
from deployment.events import first_failure, read_all_events, read_events
from deployment.place import Place
from deployment.stacks import stack_status
from deployment.waiting import wait_for

DEADLINE_SECONDS = 3 * 3600.0
"""A Multi-AZ instance with two replicas takes most of an hour to be made; a failure has to be rolled back, too."""

_FAILED = {"CREATE_FAILED", "UPDATE_FAILED"}
_EARLIER = timedelta(seconds=1)

type Say = Callable[[str], None]


class Progress:
    """What happens to one stack from now on.

    Args:
        place: Where it is.
        stack: The stack's ARN, which finds it when it is deleted, too.
        say: Told each event of the stack itself, in a line.
    """

    def __init__(self, place: Place, stack: str, say: Say) -> None:
        self._place = place
        self._cloudformation = place.cloudformation
        self._stack = stack
        self._say = say
        self._seen = frozenset(event.identifier for event in read_events(self._cloudformation, stack, frozenset()))
        self._began: datetime | None = None
        self._status = ""

    def follow(self) -> str:
        """Return the state that the stack ends in.

        Raises:
            DeploymentError: it did not end in time; it goes on without us.
        """
        return wait_for(
            f"{self._stack} to end its operation",
            self._ended,
            deadline_seconds=DEADLINE_SECONDS,
            poll_seconds=self._place.poll_seconds,
        )

    def failure(self) -> str:
        """Return which resource failed first, and why, in the stack or the ones nested in it; empty where none did."""
        if self._began is None:
            return ""
        event = first_failure(read_all_events(self._cloudformation, self._stack, self._began - _EARLIER))
        return f"{event.logical_id} ({event.resource_type}): {event.reason or event.status}" if event else ""

    def _ended(self) -> str | None:
        self._tell()
        before, self._status = self._status, stack_status(self._cloudformation, self._stack)
        if self._began is None or self._status.endswith("_IN_PROGRESS"):
            return None
        if self._status in _FAILED and before != self._status:
            # It is on its way to be rolled back, unless it stays as it is.
            return None
        self._tell()
        return self._status

    def _tell(self) -> None:
        for event in read_events(self._cloudformation, self._stack, self._seen):
            self._began = self._began or event.at
            self._seen |= {event.identifier}
            self._say(str(event))


def succeeded(status: str) -> bool:
    """Tell whether a state that a stack ended in is the one that was wanted."""
    return status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}


def check(progress: Progress, name: str, doing: str) -> None:
    """Follow a stack to its end.

    Args:
        progress: What happens to it.
        name: The stack's name.
        doing: What is being done, as it precedes "failed" in the error.

    Raises:
        DeploymentError: it ended in another state than was wanted; the message names the first resource that failed.
    """
    status = progress.follow()
    if not succeeded(status):
        because = progress.failure() or "its events name no resource that failed"
        raise DeploymentError(f"{doing} {name} failed and ended as {status}: {because}")
