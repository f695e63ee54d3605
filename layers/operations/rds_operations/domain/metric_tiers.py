"""How often a metric is measured, and whether its time has come."""

from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

# What the schedule counts in: the shortest tier, and the shortest rate of EventBridge Scheduler.
SLOT = timedelta(minutes=1)


class Tier(StrEnum):
    """How often a metric is measured: the dearer the query, the rarer."""

    MINUTE = "minute"
    FIVE_MINUTES = "five_minutes"
    HOUR = "hour"
    DAY = "day"

    @property
    def period(self) -> timedelta:
        """The time from one measurement to the next."""
        return _PERIODS[self]


_PERIODS = MappingProxyType(
    {
        Tier.MINUTE: timedelta(minutes=1),
        Tier.FIVE_MINUTES: timedelta(minutes=5),
        Tier.HOUR: timedelta(hours=1),
        Tier.DAY: timedelta(days=1),
    }
)


def is_due(tier: Tier, *, last_run: datetime | None, now: datetime) -> bool:
    """Tell whether a metric is to be measured now.

    Slots of the schedule are counted, not seconds: a schedule that comes up to half a minute early or late neither
    skips a run nor moves the following ones.

    Args:
        tier: How often.
        last_run: When it was measured last, as far as is remembered; None is always due.
        now: The current time.
    """
    if last_run is None or now < last_run:
        return True
    return round((now - last_run) / SLOT) >= tier.period // SLOT
