"""What becomes of counters from one run to the next."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.counters import Readings, counter_readings, counter_values
from rds_operations.domain.metric_queries import Kind, MetricQuery
from rds_operations.domain.metric_tiers import Tier
from rds_operations.domain.metrics import metric_rows
from rds_operations.domain.query_errors import QueryFailedError

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNTS = st.integers(0, 2**53)


def query(kind: Kind, *dimensions: str, tier: Tier = Tier.MINUTE) -> MetricQuery:
    return MetricQuery("orders", "SELECT 1", "Count", "Orders", timedelta(seconds=5), dimensions, tier=tier, kind=kind)


def read(kind: Kind, *rows: Mapping[str, object], at: datetime = NOW, dimensions: tuple[str, ...] = ()) -> Readings:
    return counter_readings(metric_rows(query(kind, *dimensions), rows), at)


def grown(
    kind: Kind, before: Mapping[str, object], now: Mapping[str, object], passed: timedelta = MINUTE
) -> list[float]:
    """Return what is published of one counter that was read twice."""
    values = counter_values(query(kind), read(kind, before), read(kind, now, at=NOW + passed))
    return [value.value for value in values]


def test_difference_is_the_growth() -> None:
    assert grown(Kind.DIFFERENCE, {"metric_value": 7}, {"metric_value": 12}) == [5.0]


def test_rate_is_the_growth_a_second() -> None:
    assert grown(Kind.RATE, {"metric_value": 7}, {"metric_value": 37}) == [0.5]


def test_ratio_is_per_cent_of_the_totals_growth() -> None:
    before, now = {"metric_value": 10, "metric_total": 100}, {"metric_value": 13, "metric_total": 112}

    assert grown(Kind.RATIO, before, now) == [25.0]


def test_ratio_without_growth_of_the_total_is_no_data() -> None:
    assert grown(Kind.RATIO, {"metric_value": 1, "metric_total": 9}, {"metric_value": 1, "metric_total": 9}) == []


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"metric_value": 10}, {"metric_value": 9}),
        ({"metric_value": 10, "counted_since": NOW}, {"metric_value": 900, "counted_since": NOW + MINUTE}),
        ({"metric_value": 10, "counted_since": None}, {"metric_value": 900, "counted_since": NOW}),
        ({"metric_value": None}, {"metric_value": 900}),
        ({"metric_value": 10}, {"metric_value": None}),
    ],
    ids=["shrank", "reset", "first reset", "unknown before", "unknown now"],
)
@pytest.mark.parametrize("kind", [Kind.DIFFERENCE, Kind.RATE])
def test_counter_that_began_anew_is_no_data(kind: Kind, before: dict[str, object], now: dict[str, object]) -> None:
    assert grown(kind, before, now) == []


def test_total_that_shrank_is_no_data() -> None:
    assert grown(Kind.RATIO, {"metric_value": 1, "metric_total": 9}, {"metric_value": 2, "metric_total": 8}) == []


@pytest.mark.parametrize("passed", [timedelta(0), timedelta(seconds=-1), timedelta(minutes=3, seconds=1)])
def test_reading_of_no_time_or_long_ago_is_no_baseline(passed: timedelta) -> None:
    assert grown(Kind.RATE, {"metric_value": 7}, {"metric_value": 12}, passed) == []


def test_rare_counter_has_a_longer_baseline() -> None:
    of_five = query(Kind.DIFFERENCE, tier=Tier.FIVE_MINUTES)
    before, now = (
        read(Kind.DIFFERENCE, {"metric_value": 7}),
        read(Kind.DIFFERENCE, {"metric_value": 9}, at=NOW + 15 * MINUTE),
    )

    assert [value.value for value in counter_values(of_five, before, now)] == [2.0]


def test_each_dimension_is_a_counter_of_its_own() -> None:
    rows_before: list[dict[str, object]] = [{"engine": "a", "metric_value": 5}, {"engine": "gone", "metric_value": 1}]
    rows_now: list[dict[str, object]] = [{"engine": "a", "metric_value": 6}, {"engine": "new", "metric_value": 900}]
    before = read(Kind.DIFFERENCE, *rows_before, dimensions=("engine",))
    now = read(Kind.DIFFERENCE, *rows_now, at=NOW + MINUTE, dimensions=("engine",))

    values = counter_values(query(Kind.DIFFERENCE, "engine"), before, now)

    assert [(value.label, value.value) for value in values] == [("engine=a", 1.0)]


def test_ratio_has_to_have_a_total() -> None:
    with pytest.raises(QueryFailedError, match="returned no column metric_total"):
        metric_rows(query(Kind.RATIO), [{"metric_value": 1}])


@pytest.mark.parametrize(
    ("kind", "column"),
    [(Kind.GAUGE, "counted_since"), (Kind.GAUGE, "metric_total"), (Kind.RATE, "metric_total")],
)
def test_columns_of_other_kinds_are_refused(kind: Kind, column: str) -> None:
    with pytest.raises(QueryFailedError, match=f"returned the column {column}, allowed: "):
        metric_rows(query(kind), [{"metric_value": 1, column: 1}])


@given(growths=st.lists(st.integers(0, 10**9), min_size=2), start=COUNTS)
def test_differences_of_a_steady_counter_add_up_to_its_growth(growths: list[int], start: int) -> None:
    counts = list(accumulate(growths, initial=start % 2**40))

    published = [grown(Kind.DIFFERENCE, {"metric_value": a}, {"metric_value": b}) for a, b in pairwise(counts)]

    assert sum(value for values in published for value in values) == sum(growths)


@given(kind=st.sampled_from([Kind.DIFFERENCE, Kind.RATE]), before=COUNTS, now=COUNTS)
def test_no_counter_goes_down_or_grows_by_more_than_it_shows(kind: Kind, before: int, now: int) -> None:
    values = grown(kind, {"metric_value": before}, {"metric_value": now})

    assert all(0 <= value <= now for value in values)
    assert bool(values) == (now >= before)


@given(before=st.tuples(COUNTS, COUNTS), growth=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)))
def test_ratio_of_a_part_lies_between_0_and_100(before: tuple[int, int], growth: tuple[int, int]) -> None:
    part, rest = (count % 2**40 for count in before)
    more, more_rest = growth
    values = grown(
        Kind.RATIO,
        {"metric_value": part, "metric_total": part + rest},
        {"metric_value": part + more, "metric_total": part + rest + more + more_rest},
    )

    assert all(0 <= value <= 100 for value in values)
    assert bool(values) == (more + more_rest > 0)
