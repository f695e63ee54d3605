"""When a failover started, read out of a history without identifiers."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.failover_history import LONGEST_FAILOVER, belongs_to_failover, failover_started_at
from rds_operations.domain.instances import HistoryEntry

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


def test_start_that_is_not_listed_is_not_made_up_from_an_earlier_failover_without_reason() -> None:
    earlier = failover(100, 120, 140)[:3]

    assert failover_started_at([*earlier, entry(200, "failover")], at(200)) is None
    assert failover_started_at([*earlier, *failover(160, 180, 200)[1:]], at(200)) is None


def test_several_possible_starts_are_none() -> None:
    history = [entry(60, "failover"), *failover(100, 120, 143)]

    assert failover_started_at(history, at(143)) is None


@pytest.mark.parametrize("apart", [0.001, 0.05])
def test_earlier_completion_is_known_though_its_reason_is_milliseconds_apart(apart: float) -> None:
    earlier = [*failover(100, 120, 140)[:3], entry(140 + apart, "failover")]

    assert failover_started_at([*earlier, entry(180, "availability"), entry(200, "failover")], at(200)) is None
    assert failover_started_at([*earlier, *failover(160, 180, 200)], at(200)) == at(160)


def test_reason_milliseconds_after_the_completion_is_not_an_earlier_end() -> None:
    history = [*failover(100, 120, 143)[:3], entry(143.04, "failover")]

    assert failover_started_at(history, at(143)) == failover_started_at(history, at(143.04)) == at(100)


def test_restart_before_the_failover_is_no_part_of_it() -> None:
    assert failover_started_at([entry(50, "availability"), *failover(100, 120, 143)], at(143)) == at(100)


def test_without_a_restart_the_only_failover_entry_counts() -> None:
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


@dataclass(frozen=True)
class Told:
    """One failover of a series, and what of it the history tells."""

    pause: float
    to_restart: float
    to_end: float
    is_twice_restarted: bool
    has_reason: bool


told = st.builds(Told, *(st.floats(min_value=3, max_value=120),) * 3, st.booleans(), st.booleans())


@given(
    series=st.lists(told, min_size=1, max_size=5),
    is_start_listed=st.booleans(),
    is_restart_listed=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_start_is_the_right_one_or_none(
    *, series: list[Told], is_start_listed: bool, is_restart_listed: bool, order: random.Random
) -> None:
    history: list[HistoryEntry] = []
    start = end = 0.0
    for one in series:
        start = end + one.pause
        restart, end = start + one.to_restart, start + one.to_restart + one.to_end
        history += failover(start, restart, end)[: 4 if one.has_reason else 3]
        history += [entry(restart + 1, "availability")] if one.is_twice_restarted else []
    missing = ([] if is_start_listed else [start]) + ([] if is_restart_listed else [restart, restart + 1])
    history = [one for one in history if one.occurred_at not in map(at, missing)]
    order.shuffle(history)

    assert failover_started_at(history, at(end)) == (at(start) if is_start_listed else None)


def test_restart_after_the_start_of_a_failover_belongs_to_it() -> None:
    assert belongs_to_failover([entry(100, "failover")], at(121))


@pytest.mark.parametrize("restarted_at", [100, 120, 125, 143, 147])
def test_restart_from_start_to_completion_belongs_to_the_failover(restarted_at: float) -> None:
    assert belongs_to_failover(failover(100, 120, 143), at(restarted_at))


@pytest.mark.parametrize("restarted_at", [94, 149, 200, 440])
def test_restart_outside_of_a_completed_failover_stands_alone(restarted_at: float) -> None:
    assert not belongs_to_failover(failover(100, 120, 143), at(restarted_at))


def test_restart_after_an_abandoned_failover_stands_alone() -> None:
    abandoned = entry(200, "failover")

    assert not belongs_to_failover([*failover(100, 120, 143), abandoned], at(215))


def test_restart_after_a_completion_without_reason_stands_alone() -> None:
    assert not belongs_to_failover(failover(100, 120, 143)[:3], at(200))


def test_restart_of_a_second_failover_belongs_to_it_once_it_is_completed() -> None:
    history = [*failover(100, 120, 143), *failover(300, 320, 343)]

    assert belongs_to_failover(history, at(320))
    assert not belongs_to_failover(history, at(220))


def test_restart_long_after_a_start_stands_alone() -> None:
    assert not belongs_to_failover([entry(100, "failover")], at(100 + 121))


def test_restart_without_a_failover_stands_alone() -> None:
    assert not belongs_to_failover([entry(100, "availability"), entry(130, "failover")], at(121))


@given(st.lists(told, min_size=1, max_size=5), st.floats(min_value=0, max_value=2000))
def test_restart_belongs_to_a_series_only_within_one_of_its_failovers(series: list[Told], moment: float) -> None:
    history: list[HistoryEntry] = []
    spans: list[tuple[float, float]] = []
    end = 0.0
    for one in series:
        start = end + one.pause
        end = start + one.to_restart + one.to_end
        history += failover(start, start + one.to_restart, end)
        spans.append((start, end))

    belongs = belongs_to_failover(history, at(moment))

    assert belongs or not any(start <= moment <= end for start, end in spans)
    assert not belongs or any(start - 6 <= moment <= end + 6 for start, end in spans)
