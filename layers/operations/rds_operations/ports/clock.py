"""What the use cases need of time."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time in UTC, aware of its zone."""


class Pause(Protocol):
    """Waits, between two tries of what may succeed later."""

    def wait(self, duration: timedelta) -> None:
        """Return after that time."""
