"""A clock that moves only as it is told to."""

from datetime import datetime, timedelta


class FakeClock:
    """Tells the time it was given; with a step, one that is later by so much each time."""

    def __init__(self, now: datetime, step: timedelta = timedelta(0)) -> None:
        self._now = now
        self._step = step

    def now(self) -> datetime:
        now = self._now
        self._now += self._step
        return now

    def advance(self, by: timedelta) -> None:
        self._now += by
