"""A pause that takes no time, and moves its clock."""

from datetime import UTC, datetime, timedelta

from tests.fakes.clock import FakeClock


class FakePause:
    """Remembers how long it was asked to wait; its clock moves by as much."""

    def __init__(self) -> None:
        self.clock = FakeClock(datetime(2026, 11, 23, 18, tzinfo=UTC))
        self.waits: list[timedelta] = []

    def wait(self, duration: timedelta) -> None:
        self.waits.append(duration)
        self.clock.advance(duration)
