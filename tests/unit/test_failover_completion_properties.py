"""Whether a failover was completed, in whatever order RDS lists its events."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.failover_history import failover_completed_after
from rds_operations.domain.instances import HistoryEntry

STARTED = datetime(2026, 11, 23, 18, tzinfo=UTC)
restarts = st.lists(st.integers(1, 60), min_size=1, max_size=3)


def entry(seconds: float, category: str) -> HistoryEntry:
    return HistoryEntry(STARTED + timedelta(seconds=seconds), (category,), "whatever it says")


def failover(restarted: list[int]) -> list[HistoryEntry]:
    return [entry(0, "failover"), *(entry(seconds, "availability") for seconds in restarted)]


@given(restarts, st.integers(61, 300), st.booleans(), st.randoms(use_true_random=False))
def test_completion_is_found_with_and_without_its_reason(
    restarted: list[int],
    completed: int,
    with_reason: bool,  # noqa: FBT001 - hypothesis hands it over by place
    order: Random,
) -> None:
    history = [*failover(restarted), *[entry(completed, "failover")] * (1 + with_reason)]
    order.shuffle(history)

    assert failover_completed_after(history, STARTED) == STARTED + timedelta(seconds=completed)


@given(st.lists(st.integers(1, 60), max_size=3), st.sampled_from(["backup", "notification", "recovery"]))
def test_nothing_but_failover_events_completes_a_failover(restarted: list[int], category: str) -> None:
    history = [*failover(restarted), entry(90, category), entry(90, category)]

    assert failover_completed_after(history, STARTED) is None


@given(restarts, st.integers(61, 300))
def test_completion_of_an_earlier_failover_is_none_of_this_one(restarted: list[int], ago: int) -> None:
    history = [entry(-ago, "failover"), entry(-ago, "failover"), *failover(restarted)]

    assert failover_completed_after(history, STARTED) is None
