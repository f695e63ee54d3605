"""When the time of a metric has come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.metric_tiers import SLOT, Tier, is_due

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
# A schedule that comes up to 14 s early or late: two runs are then 32 to 88 s apart.
JITTERS = st.lists(st.floats(-14, 14), min_size=12, max_size=12)


def runs(tier: Tier, invocations: list[datetime]) -> list[int]:
    """Return the numbers of the invocations at which a metric of the tier is measured."""
    last, measured = None, []
    for number, now in enumerate(invocations):
        if is_due(tier, last_run=last, now=now):
            measured.append(number)
            last = now
    return measured


@pytest.mark.parametrize("tier", Tier)
def test_cold_start_measures_everything(tier: Tier) -> None:
    assert is_due(tier, last_run=None, now=NOW)


@pytest.mark.parametrize(
    ("tier", "passed", "due"),
    [
        (Tier.MINUTE, timedelta(seconds=10), False),
        (Tier.MINUTE, timedelta(seconds=59), True),
        (Tier.FIVE_MINUTES, timedelta(minutes=4, seconds=10), False),
        (Tier.FIVE_MINUTES, timedelta(minutes=4, seconds=45), True),
        (Tier.HOUR, timedelta(minutes=59), False),
        (Tier.HOUR, timedelta(minutes=60), True),
        (Tier.DAY, timedelta(hours=23, minutes=59), False),
        (Tier.DAY, timedelta(days=1), True),
        (Tier.DAY, timedelta(seconds=-1), True),
    ],
)
def test_metric_is_due_once_its_period_has_passed(tier: Tier, passed: timedelta, *, due: bool) -> None:
    assert is_due(tier, last_run=NOW, now=NOW + passed) is due


@given(jitters=JITTERS)
def test_unsteady_schedule_skips_no_minute_and_moves_no_other_tier(jitters: list[float]) -> None:
    invocations = [NOW + number * SLOT + timedelta(seconds=jitter) for number, jitter in enumerate(jitters)]

    assert runs(Tier.MINUTE, invocations) == list(range(12))
    assert runs(Tier.FIVE_MINUTES, invocations) == [0, 5, 10]
