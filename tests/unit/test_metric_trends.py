"""How values and their course read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.metric_trends import picture, trend
from rds_operations.domain.metric_units import measured

values = st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("CPUUtilization", 93.14, "93.1 %"),
        ("DatabaseConnections", 240.0, "240"),
        ("DatabaseConnections", 240.4, "240.4"),
        ("FreeStorageSpace", 10_737_418_240.0, "10 GiB"),
        ("FreeStorageSpace", 9_126_805_504.0, "8.5 GiB"),
        ("SwapUsage", 0.0, "0 bytes"),
        ("ReadLatency", 0.0213, "21.3 ms"),
        ("ReplicaLag", 305.0, "305 s"),
        ("MaximumUsedTransactionIDs", 1_500_000_000.0, "1,500,000,000"),
        ("my_metric", 0.00123, "0.00123"),
    ],
)
def test_value_is_told_with_its_unit(metric: str, value: float, text: str) -> None:
    assert measured(metric, value) == text


@pytest.mark.parametrize(
    ("course", "text"),
    [
        ([5, 5, 5], "5 all the time"),
        ([5], "5 all the time"),
        ([1, 9], "1 to 9 ▁█"),
        ([5, 1, 9, 6], "5 to 6 (between 1 and 9) ▅▁█▅"),
    ],
)
def test_trend_is_first_last_extremes_and_a_picture(course: list[float], text: str) -> None:
    assert trend("my_metric", course) == text


@given(values)
def test_picture_has_a_bar_for_each_value_and_the_highest_is_full(course: list[float]) -> None:
    bars = picture(course)

    assert len(bars) == len(course)
    if max(course) > min(course) and math.isfinite(max(course) - min(course)):
        assert bars[course.index(max(course))] == "█"
        assert bars[course.index(min(course))] == "▁"
