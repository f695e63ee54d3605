"""The rate that clients hold is found by halving, whatever it is, and an overloaded machine is not taken for one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.load.figures import Figures
from local.load.ladder import HELD_MEAN_MS, HIGHEST, LOWEST, STEPS, Ladder, is_held
from tests.loads import a_phase, a_round

GOOD = a_phase("any", a_round(600)).figures


@given(st.floats(LOWEST, HIGHEST))
def test_found_rate_is_at_most_what_is_held_and_near_it(capacity: float) -> None:
    ladder = Ladder()

    for _ in range(STEPS):
        rate = ladder.next_rate
        mean_ms = 3.0 if rate <= capacity else 900.0
        ladder.climb(replace(GOOD, due=rate, throughput=min(rate, capacity), mean_ms=mean_ms))

    assert ladder.low <= capacity
    assert capacity - ladder.low <= (HIGHEST - LOWEST) / 2**STEPS
    assert len(ladder.rungs) == STEPS


@pytest.mark.parametrize(("held", "sustained"), [(1000.0, 800.0), (LOWEST, LOWEST)])
def test_minute_is_asked_for_less_than_seconds_held_but_never_less_than_promised(held: float, sustained: float) -> None:
    assert Ladder(low=held).sustained_rate == sustained


@pytest.mark.parametrize(
    "found",
    [
        replace(GOOD, throughput=587.0),
        replace(GOOD, mean_ms=HELD_MEAN_MS + 0.1),
        replace(GOOD, mean_ms=None),
        replace(GOOD, errors={"other OperationalError": 1}),
    ],
)
def test_rate_that_is_missed_slow_or_failing_is_not_held(found: Figures) -> None:
    assert not is_held(found)


def test_rate_that_is_reached_quickly_without_error_is_held() -> None:
    assert is_held(GOOD)
