"""When a failover started, read out of a history without identifiers."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.instances import HistoryEntry
from rds_operations.domain.rds_events import LONGEST_FAILOVER, belongs_to_failover, failover_started_at

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def entry(seconds: float, *categories: str) -> HistoryEntry:
    return HistoryEntry(at(seconds), categories, "texts are never matched")


def failover(start: float, restart: float, end: float) -> list[HistoryEntry]:
    """As RDS writes it: started, restarted, completed and, at the same time, the reason."""
    return [
        entry(start, "failover"),
        entry(restart, "availability"),
        entry(end, "failover"),
        entry(end, "failover"),
    ]


def test_failover_starts_before_the_restart() -> None:
    assert failover_started_at(failover(100, 120, 143), at(143)) == at(100)


def test_two_restarts_belong_to_one_failover() -> None:
    history = [*failover(100, 120, 143), entry(125, "availability")]

    assert failover_started_at(history, at(143)) == at(100)


def test_second_failover_shortly_after_has_its_own_start() -> None:
    history = [*failover(100, 120, 140), *failover(160, 180, 200)]

    assert failover_started_at(history, at(200)) == at(160)


def test_first_of_two_failovers_is_not_confused_by_the_second() -> None:
    history = [*failover(100, 120, 140), *failover(160, 180, 200)]

    assert failover_started_at(history, at(140)) == at(100)


def test_second_failover_without_a_restart_has_its_own_start() -> None:
    history = [*failover(100, 120, 140), entry(160, "failover"), entry(200, "failover"), entry(200, "failover")]

    assert failover_started_at(history, at(200)) == at(160)


def test_second_failover_without_a_start_takes_none_from_the_first() -> None:
    history = [*failover(100, 120, 140), *failover(160, 180, 200)[1:]]

    assert failover_started_at(history, at(200)) is None


def test_second_failover_without_reasons_in_the_history_has_its_own_start() -> None:
    history = [*failover(100, 120, 140)[:3], *failover(160, 180, 200)[:3]]

    assert failover_started_at(history, at(200)) == at(160)


def test_failover_to_standby_before_the_completion_is_not_the_start() -> None:
    history = [*failover(100, 120, 143), entry(139, "failover")]

    assert failover_started_at(history, at(143)) == at(100)


def test_without_a_restart_the_latest_failover_entry_counts() -> None:
    history = [entry(100, "failover"), entry(142.5, "failover"), entry(143, "failover")]

    assert failover_started_at(history, at(143)) == at(100)


def test_entries_at_the_completions_own_time_are_not_the_start() -> None:
    assert failover_started_at([entry(143, "failover"), entry(143, "failover")], at(143)) is None


def test_completion_listed_without_its_milliseconds_is_not_the_start() -> None:
    history = [entry(100, "failover"), entry(143, "failover"), entry(143, "failover")]

    assert failover_started_at(history, at(143.292)) == at(100)


def test_failover_faster_than_a_second_is_found_by_its_restart() -> None:
    assert failover_started_at(failover(100, 100.3, 100.7), at(100.7)) == at(100)


def test_restart_at_the_completions_own_time_counts() -> None:
    assert failover_started_at(failover(100, 100.5, 100.5), at(100.5)) == at(100)


def test_start_more_than_30_minutes_before_does_not_count() -> None:
    completed_at = at(100) + LONGEST_FAILOVER

    assert failover_started_at([entry(99, "failover")], completed_at) is None


def test_empty_history_tells_no_start() -> None:
    assert failover_started_at([], at(143)) is None


gaps = st.floats(min_value=1, max_value=120)


@given(st.lists(st.tuples(gaps, gaps, gaps), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_every_failover_of_a_series_gets_its_own_start(
    series: list[tuple[float, float, float]], order: random.Random
) -> None:
    history: list[HistoryEntry] = []
    spans: list[tuple[float, float]] = []
    clock = 0.0
    for pause, to_restart, to_end in series:
        start, end = clock + pause, clock + pause + to_restart + to_end
        history += [*failover(start, start + to_restart, end), entry(end + 0.5, "recovery")]
        spans.append((start, end))
        clock = end
    order.shuffle(history)

    found = [failover_started_at(history, at(end)) for _, end in spans]

    assert found == [at(start) for start, _ in spans]


def test_restart_after_a_failover_event_belongs_to_it() -> None:
    assert belongs_to_failover([entry(100, "failover")], at(121))


def test_restart_long_after_a_failover_stands_alone() -> None:
    assert not belongs_to_failover([entry(100, "failover")], at(100 + 301))


def test_restart_without_a_failover_stands_alone() -> None:
    assert not belongs_to_failover([entry(100, "availability"), entry(130, "failover")], at(121))
