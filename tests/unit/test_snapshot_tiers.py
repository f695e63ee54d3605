"""Which snapshots stand for a week, a month or a year: the calendar by example."""

from datetime import UTC, datetime, timedelta

import pytest

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.snapshot_tiers import PeriodCounts, representatives
from rds_operations.domain.snapshots import Snapshot
from tests.snapshots import INSTANCE, NOW, OWNERSHIP, PREFIX, actions, decided, owned, policy, reason

EVENING = timedelta(hours=18)


def made(day: str, **tags: str) -> Snapshot:
    """Return an owned snapshot of 18:00 UTC of a day, or of the time that is given; it is called by that."""
    at = datetime.fromisoformat(day)
    at = (at if "T" in day else at + EVENING).replace(tzinfo=at.tzinfo or UTC)
    return Snapshot(f"{PREFIX}-{day}", INSTANCE, "available", at, OWNERSHIP.tags() | tags)


def standing(*days: str, weekly: int = 0, monthly: int = 0, yearly: int = 0) -> dict[str, str]:
    """Return by day what stands for what."""
    found = representatives(
        [made(day) for day in reversed(days)], PeriodCounts(weekly=weekly, monthly=monthly, yearly=yearly)
    )
    return {identifier.removeprefix(f"{PREFIX}-"): period for identifier, period in found.items()}


def test_first_of_each_month_stands_for_it() -> None:
    days = ("2026-09-01", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01", "2026-11-02")

    assert standing(*days, monthly=2) == {"2026-10-01": "month 2026-10", "2026-11-01": "month 2026-11"}


def test_missed_first_of_month_promotes_the_next_one() -> None:
    assert standing("2026-10-01", "2026-11-03", "2026-11-04", monthly=1) == {"2026-11-03": "month 2026-11"}


def test_month_without_a_snapshot_does_not_count() -> None:
    days = ("2026-03-01", "2026-08-07", "2026-11-01")

    assert standing(*days, monthly=3) == {
        "2026-03-01": "month 2026-03",
        "2026-08-07": "month 2026-08",
        "2026-11-01": "month 2026-11",
    }


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (("2024-02-28", "2024-02-29", "2024-03-01"), {"2024-02-28": "month 2024-02", "2024-03-01": "month 2024-03"}),
        (("2024-02-29", "2024-03-01"), {"2024-02-29": "month 2024-02", "2024-03-01": "month 2024-03"}),
        (("2023-02-28", "2023-03-01"), {"2023-02-28": "month 2023-02", "2023-03-01": "month 2023-03"}),
        (("2100-02-28", "2100-03-01"), {"2100-02-28": "month 2100-02", "2100-03-01": "month 2100-03"}),
    ],
)
def test_end_of_february_belongs_to_february(days: tuple[str, ...], first: dict[str, str]) -> None:
    assert standing(*days, monthly=5) == first


@pytest.mark.parametrize(
    ("days", "first"),
    [
        # 2026 has 53 ISO weeks; 1 January 2027 is a Friday.
        (("2026-12-28", "2027-01-03", "2027-01-04"), {"2026-12-28": "week 2026-W53", "2027-01-04": "week 2027-W01"}),
        # 30 December 2024 is the Monday of the first week of 2025.
        (("2024-12-29", "2024-12-30", "2025-01-01"), {"2024-12-29": "week 2024-W52", "2024-12-30": "week 2025-W01"}),
        (("2026-11-22", "2026-11-23"), {"2026-11-22": "week 2026-W47", "2026-11-23": "week 2026-W48"}),
    ],
)
def test_weeks_are_iso_weeks_across_the_year(days: tuple[str, ...], first: dict[str, str]) -> None:
    assert standing(*days, weekly=5) == first


def test_last_second_of_a_year_in_utc_belongs_to_it() -> None:
    days = ("2025-12-31T23:59:59", "2026-01-01T00:00:00")

    assert standing(*days, yearly=2) == {
        "2025-12-31T23:59:59": "year 2025",
        "2026-01-01T00:00:00": "year 2026",
    }


def test_new_years_morning_in_japan_belongs_to_the_old_year() -> None:
    assert standing("2026-01-01T03:00:00+09:00", yearly=1) == {"2026-01-01T03:00:00+09:00": "year 2025"}


def test_one_snapshot_can_stand_for_week_month_and_year() -> None:
    assert standing("2024-01-01", weekly=1, monthly=1, yearly=1) == {"2024-01-01": "year 2024"}


def test_no_counts_keep_nothing() -> None:
    assert standing("2024-01-01", "2026-11-23") == {}


@pytest.mark.parametrize("name", ["weekly", "monthly", "yearly"])
def test_negative_count_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}=-1.* none of its numbers can be negative"):
        PeriodCounts(**{name: -1})


def test_old_snapshot_that_stands_for_a_month_stays() -> None:
    plan = decided(
        *(owned("first", age_days=82), owned("second", age_days=81), owned("new", age_days=0)),
        by=policy(periods=PeriodCounts(monthly=3)),
    )

    assert actions(plan) == {"first": "keep", "second": "delete", "new": "keep"}
    assert reason(plan, "first") == "it stands for month 2026-09, as the first good snapshot of the schedule in it"


@pytest.mark.parametrize(
    "no_first",
    [
        owned("first", age_days=82, status="failed"),
        owned("first", age_days=82, tier="on-demand"),
        owned("first", age_days=82, environment="prod"),
    ],
)
def test_only_good_snapshots_of_the_schedule_stand_for_a_period(no_first: Snapshot) -> None:
    plan = decided(
        *(no_first, owned("second", age_days=81), owned("new", age_days=0)), by=policy(periods=PeriodCounts(monthly=3))
    )

    assert actions(plan)["second"] == "keep"


def test_held_snapshot_stands_for_its_period() -> None:
    held, second = owned("held", age_days=82, hold="x"), owned("second", age_days=81)

    plan = decided(held, second, owned("new"), by=policy(periods=PeriodCounts(monthly=3)))

    assert actions(plan) == {"held": "keep", "second": "delete", "new": "keep"}


def test_worked_calendar_of_the_documentation_holds() -> None:
    """The table in docs/snapshots.md."""
    daily = [NOW - timedelta(days=number) for number in range(500)]
    snapshots = [made(f"{at:%Y-%m-%d}") for at in daily if f"{at:%Y-%m-%d}" != "2026-08-01"]
    by = policy(days=7, minimum=7, maximum=500, periods=PeriodCounts(weekly=4, monthly=6, yearly=2))

    plan = decided(*snapshots, by=by)

    kept = [name for name, action in actions(plan).items() if action == "keep"]
    assert kept == [
        *("2025-07-12", "2026-01-01", "2026-06-01", "2026-07-01", "2026-08-02", "2026-09-01", "2026-10-01"),
        *("2026-11-01", "2026-11-02", "2026-11-09"),
        *(f"2026-11-{day}" for day in range(16, 24)),
    ]
