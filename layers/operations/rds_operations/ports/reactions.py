"""What reactions to RDS events need from the world: an answer of the database in time, and a second look later."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from rds_operations.domain.probes import ProbeAnswer


class PromptProbe(Protocol):
    """Asks the database how it is, in the little time that an alert can wait."""

    def ask(self) -> Callable[[], ProbeAnswer]:
        """Ask, and return at once what waits for the answer; what fails or takes too long is in the answer."""


class FollowUps(Protocol):
    """Remembers to take a second look."""

    def remember(self, name: str, due_at: datetime, event: Mapping[str, object]) -> None:
        """Have this function invoked with the event at that time, once.

        Args:
            name: What is remembered under the same name already stays as it is.
            due_at: When, in UTC.
            event: What the function is sent.

        Raises:
            RetryableError: the call was throttled, or nobody could be reached.
            RefusedError: the call is not allowed.
        """
