"""The real clock, and the one place where a function waits."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Tells the machine's time."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)


class SystemPause:
    """Waits in functions that CloudFormation waits for; elsewhere the platform repeats calls, and no function waits."""

    def wait(self, duration: timedelta) -> None:
        """Return after that time."""
        time.sleep(duration.total_seconds())
