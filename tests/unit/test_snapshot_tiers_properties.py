"""The calendar of expiry: what stands for a period in whatever year, and that it is still there when it is needed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from rds_operations.domain.snapshot_expiry import ExpiryPolicy
from rds_operations.domain.snapshot_tiers import PeriodCounts, representatives
from rds_operations.domain.snapshots import Snapshot
from tests.snapshot_worlds import PERIODS, POLICIES, SNAPSHOTS, good_ones, leaving, on_demand
from tests.snapshots import INSTANCE, OWNERSHIP, PREFIX, policy

type Period = Callable[[datetime], str]

PERIOD_OF: dict[str, Period] = {"weekly": "{:%G-W%V}".format, "monthly": "{:%Y-%m}".format, "yearly": "{:%Y}".format}
DAYS = st.dates(date(1970, 1, 2), date(2200, 12, 30))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(timezones=st.just(UTC)))
HOURS = st.integers(0, 100 * 24)
NEAR_MOMENTS = st.builds(
    lambda begin, hours: [begin + timedelta(hours=late) for late in sorted(hours)], MOMENTS, st.sets(HOURS, max_size=40)
)
MISSED_DAYS = st.sets(st.integers(0, 430), max_size=60)
A_TENTH = settings(max_examples=settings().max_examples // 10)  # each example is a year of daily runs


def scheduled(at: datetime) -> Snapshot:
    return Snapshot(f"{PREFIX}-{at:%Y%m%d-%H%M%S}", INSTANCE, "available", at, OWNERSHIP.tags())


def firsts(oldest_first: list[Snapshot], period: Period) -> dict[str, Snapshot]:
    """Return the first snapshot of each period, said as simply as can be."""
    found: dict[str, Snapshot] = {}
    for snapshot in oldest_first:
        assert snapshot.created_at is not None
        found.setdefault(period(snapshot.created_at.astimezone(UTC)), snapshot)
    return found


def newest(found: dict[str, Snapshot], count: int) -> list[Snapshot]:
    return [found[period] for period in sorted(found, reverse=True)[:count]]


@given(SNAPSHOTS, POLICIES)
def test_first_of_each_of_the_newest_periods_stays(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    oldest_first = [snapshot for snapshot in reversed(good_ones(snapshots)) if not on_demand(snapshot)]

    gone = leaving(snapshots, by)

    for name, period in PERIOD_OF.items():
        kept = newest(firsts(oldest_first, period), getattr(by.periods, name))
        assert [snapshot for snapshot in kept if snapshot in gone] == []


@given(NEAR_MOMENTS, PERIODS)
def test_first_of_each_period_stands_for_it_in_any_year(moments: list[datetime], counts: PeriodCounts) -> None:
    oldest_first = [scheduled(at) for at in moments]

    standing = representatives(reversed(oldest_first), counts)

    kept = [newest(firsts(oldest_first, period), getattr(counts, name)) for name, period in PERIOD_OF.items()]
    assert set(standing) == {snapshot.identifier for some in kept for snapshot in some}


@given(NEAR_MOMENTS, PERIODS, st.integers(-14, 14))
def test_zone_that_times_are_told_in_moves_no_period(moments: list[datetime], counts: PeriodCounts, hours: int) -> None:
    newest_first = [scheduled(at) for at in reversed(moments)]
    zone = timezone(timedelta(hours=hours))

    elsewhere = [
        replace(told, created_at=at.astimezone(zone)) for told, at in zip(newest_first, reversed(moments), strict=True)
    ]

    assert representatives(elsewhere, counts) == representatives(newest_first, counts)


@given(MOMENTS)
def test_every_moment_belongs_to_its_own_month_and_year(at: datetime) -> None:
    (month,) = representatives([scheduled(at)], PeriodCounts(monthly=1)).values()
    (year,) = representatives([scheduled(at)], PeriodCounts(yearly=1)).values()

    assert (month, year) == (f"month {at:%Y-%m}", f"year {at:%Y}")


@given(SNAPSHOTS, POLICIES)
def test_lost_representative_is_followed_by_the_next_one(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    by = replace(by, periods=PeriodCounts(monthly=3))
    by_age = [snapshot for snapshot in reversed(good_ones(snapshots)) if not on_demand(snapshot)]
    lost = newest(firsts(by_age, PERIOD_OF["monthly"]), 1)
    left = [snapshot for snapshot in snapshots if snapshot not in lost]

    gone = leaving(left, by)

    next_ones = newest(firsts([s for s in by_age if s not in lost], PERIOD_OF["monthly"]), 3)
    assert [snapshot for snapshot in next_ones if snapshot in gone] == []


@A_TENTH
@given(MOMENTS, MISSED_DAYS, st.integers(1, 14), PERIODS)
def test_no_run_takes_what_a_later_one_needs(
    begin: datetime, missed: set[int], days: int, counts: PeriodCounts
) -> None:
    by = policy(days=days, minimum=1, maximum=2, periods=counts)
    made: list[Snapshot] = []
    kept: list[Snapshot] = []

    for number in range(430):
        at = min(begin, datetime(2198, 1, 1, tzinfo=UTC)) + timedelta(days=number)
        if number not in missed:
            made, kept = [*made, scheduled(at)], [*kept, scheduled(at)]
        gone = leaving(kept, by, now=at)
        kept = [snapshot for snapshot in kept if snapshot not in gone]

    for name, period in PERIOD_OF.items():
        assert [s for s in newest(firsts(made, period), getattr(counts, name)) if s not in kept] == []
