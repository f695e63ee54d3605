"""Which snapshots stand for a week, a month or a year: grandfather, father and son, by creation times alone."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice, tee

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.snapshots import Snapshot, Tier

type _Period = Callable[[datetime], tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCounts:
    """How many of the newest weeks, months and years keep a snapshot each; 0 switches that off.

    Args:
        weekly: ISO 8601 weeks, which begin on Monday.
        monthly: Calendar months.
        yearly: Calendar years.

    Raises:
        ConfigurationError: a number is negative.
    """

    weekly: int = 0
    monthly: int = 0
    yearly: int = 0

    def __post_init__(self) -> None:
        if min(self.weekly, self.monthly, self.yearly) < 0:
            raise ConfigurationError(f"{self} is wrong: none of its numbers can be negative")


def representatives(newest_first: Iterable[Snapshot], counts: PeriodCounts) -> Mapping[str, str]:
    """Return by identifier the snapshots that stand for a period, with the longest period that each stands for.

    Of each ISO week, month and year in UTC the first snapshot of the schedule stands for it; where the one of the first
    of the month is missing, the next one does. The newest periods that have one keep it; the current period counts.

    Args:
        newest_first: Good snapshots, the last one made first; the creation time is known of each. No more of them are
            looked at than the periods take.
        counts: How many periods keep theirs.
    """
    weekly, monthly, yearly = tee((s for s in newest_first if s.tier is Tier.SCHEDULED), 3)
    return {
        **_firsts(weekly, _week, "week {}-W{:02}", counts.weekly),
        **_firsts(monthly, _month, "month {}-{:02}", counts.monthly),
        **_firsts(yearly, _year, "year {}", counts.yearly),
    }


def _firsts(newest_first: Iterable[Snapshot], period: _Period, label: str, count: int) -> dict[str, str]:
    by_period = groupby(newest_first, key=lambda snapshot: period(_creation(snapshot)))
    # Within a period, too, the newest comes first: the last one is its first.
    return {deque(group, maxlen=1)[0].identifier: label.format(*numbers) for numbers, group in islice(by_period, count)}


def _creation(snapshot: Snapshot) -> datetime:
    if snapshot.created_at is None:
        raise ValueError(f"the creation time of {snapshot.identifier} is not known")
    return snapshot.created_at.astimezone(UTC)


def _week(at: datetime) -> tuple[int, ...]:
    return at.isocalendar()[:2]


def _month(at: datetime) -> tuple[int, ...]:
    return at.year, at.month


def _year(at: datetime) -> tuple[int, ...]:
    return (at.year,)
