"""The form of a query file, and the values that its rows mean."""

import re
from datetime import timedelta
from decimal import Decimal
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.metric_headers import MalformedQueryError
from rds_operations.domain.metric_queries import UNITS, Kind, MetricQuery, Node, parse_metric_query
from rds_operations.domain.metric_tiers import Tier
from rds_operations.domain.metrics import MetricValue, metric_values
from rds_operations.domain.query_errors import QueryFailedError
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.functions import FUNCTIONS
from tests.whole_tables import for_each

QUERIES = FUNCTIONS / "push_metrics" / "queries"
SQL = "SELECT 1 AS metric_value"
HEADER = {"description": "Open orders", "unit": "Count", "timeout": "5s"}


def file(sql: str = SQL, **changes: str | None) -> str:
    header = {key: value for key, value in (HEADER | changes).items() if value is not None}
    return "".join(f"-- {key}: {value}\n" for key, value in header.items()) + f"\n{sql}\n"


def query(*dimensions: str) -> MetricQuery:
    return MetricQuery("orders", SQL, "Count", "Open orders", timedelta(seconds=5), dimensions)


def test_query_file_is_read() -> None:
    parsed = parse_metric_query("orders", file(sql=f"{SQL};", dimensions="engine, language", timeout="1500ms"))

    assert parsed == MetricQuery(
        name="orders",
        sql=SQL,
        unit="Count",
        description="Open orders",
        timeout=timedelta(milliseconds=1500),
        dimensions=("engine", "language"),
    )


def test_every_key_of_the_header_is_read() -> None:
    parsed = parse_metric_query(
        "orders",
        file(
            tier="five_minutes",
            node="any",
            version="17",
            kind="rate",
            dimensions="engine",
            at_most="3",
            origin="pgwatch, pgMonitor",
        ),
    )

    assert (parsed.tier, parsed.node, parsed.version, parsed.kind) == (Tier.FIVE_MINUTES, Node.ANY, 17, Kind.RATE)
    assert (parsed.dimensions, parsed.at_most, parsed.origin) == (("engine",), 3, ("pgwatch", "pgMonitor"))


def test_three_keys_are_enough() -> None:
    parsed = parse_metric_query("orders", file())

    assert (parsed.tier, parsed.node, parsed.version, parsed.kind) == (Tier.MINUTE, Node.PRIMARY, 16, Kind.GAUGE)
    assert (parsed.dimensions, parsed.at_most, parsed.origin) == ((), 10, ())


def test_order_of_the_keys_does_not_matter() -> None:
    *header, sql = file(tier="hour").strip().splitlines()

    assert parse_metric_query("orders", "\n".join([*reversed(header[:4]), "", sql])).tier is Tier.HOUR


def test_comment_after_an_empty_line_belongs_to_the_query() -> None:
    parsed = parse_metric_query("orders", file(sql=f"-- why: because\n{SQL}"))

    assert parsed.sql == f"-- why: because\n{SQL}"


@for_each("unit", UNITS)
def test_every_unit_of_cloudwatch_is_allowed(unit: str) -> None:
    assert parse_metric_query("orders", file(unit=unit)).unit == unit


@for_each(
    ("text", "complaint"),
    [
        (file(unit="Pieces"), "orders.sql, line 2: unit is 'Pieces', allowed: one of Seconds, "),
        (file(unit=None), "orders.sql, line 1: unit is missing, allowed: one of Seconds, "),
        (file(description=""), "orders.sql, line 1: description is '', allowed: a sentence"),
        (file(timeout="5"), "orders.sql, line 3: timeout is '5', allowed: a whole number of ms or s"),
        (file(timeout="0s"), "orders.sql, line 3: timeout is '0s', allowed: "),
        (file(timeout="99ms"), "orders.sql, line 3: timeout is '99ms', allowed: "),
        (file(timeout="31s"), "orders.sql, line 3: timeout is '31s', allowed: "),
        (file(dimensions=""), "orders.sql, line 4: dimensions is '', allowed: 1 to 28 different columns"),
        (file(dimensions="a, a"), "orders.sql, line 4: dimensions is 'a, a', allowed: "),
        (file(dimensions="a, Orders"), "orders.sql, line 4: dimensions is 'a, Orders', allowed: "),
        (file(dimensions="metric_value"), "orders.sql, line 4: dimensions is 'metric_value', allowed: "),
        (file(dimensions="orders"), "orders.sql, line 4: dimensions is 'orders', allowed: "),
        (file(tier="weekly"), "orders.sql, line 4: tier is 'weekly', allowed: one of minute, five_minutes, hour, day"),
        (file(tier=""), "orders.sql, line 4: tier is '', allowed: one of minute, "),
        (file(kind="sum"), "orders.sql, line 4: kind is 'sum', allowed: one of gauge, difference, rate, ratio"),
        (file(node="standby"), "orders.sql, line 4: node is 'standby', allowed: one of primary, replica, any"),
        (file(version="9.6"), "orders.sql, line 4: version is '9.6', allowed: a whole number from 10 to 99"),
        (file(version="100"), "orders.sql, line 4: version is '100', allowed: a whole number from 10 to 99"),
        (file(at_most="5"), "orders.sql, line 4: at_most is '5', allowed: nothing where there are no dimensions"),
        (
            file(dimensions="a", at_most="0"),
            "orders.sql, line 5: at_most is '0', allowed: a whole number from 1 to 100",
        ),
        (file(dimensions="a", at_most="101"), "orders.sql, line 5: at_most is '101', allowed: "),
        (file(dimensions="counted_since"), "orders.sql, line 4: dimensions is 'counted_since', allowed: "),
        (
            file(kind="rate", tier="day"),
            "orders.sql, line 5: tier is 'day', allowed: one of minute, five_minutes, hour",
        ),
        (file(origin="pgwatch,"), "orders.sql, line 4: origin is 'pgwatch,', allowed: names, comma-separated"),
        (file(colour="red"), "orders.sql, line 4: the key is 'colour', allowed: each of description, "),
        (f"-- unit: Count\n{file()}", "orders.sql, line 3: the key is 'unit', allowed: each of "),
        (f"-- just words\n{file()}", "orders.sql, line 1: the header is '-- just words', allowed: `-- key: value`"),
        (file(sql=" ;"), "orders.sql, line 5: the query is missing, allowed: one statement"),
        ("", "orders.sql, line 1: the query is missing, allowed: one statement"),
    ],
)
def test_malformed_file_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(MalformedQueryError, match=f"^{re.escape(complaint)}"):
        parse_metric_query("orders", text)


def test_all_faults_of_a_header_are_told_at_once_and_each_once() -> None:
    text = "-- just words\n" + file(unit="Pounds", timeout=None, kind="sum", colour="red", sql=";")

    with pytest.raises(MalformedQueryError) as caught:
        parse_metric_query("orders", text)

    faults = [fault.partition(", allowed: ")[0] for fault in str(caught.value).split("; orders.sql, ")]
    assert faults == [
        "orders.sql, line 1: the header is '-- just words'",
        "line 5: the key is 'colour'",
        "line 7: the query is missing",
        "line 3: unit is 'Pounds'",
        "line 1: timeout is missing",
        "line 4: kind is 'sum'",
    ]


@pytest.mark.parametrize("name", ["Orders", "open-orders", "1st", "", "metric_query_failures", "up", "o" * 64])
def test_file_name_that_is_no_metric_is_refused(name: str) -> None:
    with pytest.raises(MalformedQueryError, match=rf"^{name}\.sql: the name is "):
        parse_metric_query(name, file())


def test_folder_without_queries_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="holds no metric"):
        load_metric_queries(FUNCTIONS)


def test_metrics_of_the_design_have_their_units() -> None:
    units = {query.name: query.unit for query in load_metric_queries(QUERIES)}

    assert (
        units.items()
        >= {
            "active_users_24h": "Count",
            "avg_translation_time": "Seconds",
            "database_size_mb": "Megabytes",
            "error_rate_1h": "Percent",
        }.items()
    )


@pytest.mark.parametrize("found", [3, 3.0, Decimal(3)])
def test_value_column_is_the_value(found: object) -> None:
    rows = [{"metric_name": "orders", "timestamp": "now", "metric_value": found}]

    assert metric_values(query(), rows) == (MetricValue(3.0),)


@pytest.mark.parametrize("rows", [[], [{"metric_value": None}]])
def test_no_row_and_null_are_no_data(rows: list[dict[str, object]]) -> None:
    assert metric_values(query(), rows) == ()


def test_columns_of_the_header_are_dimensions() -> None:
    rows = [
        {"engine": "a", "tier": 1, "metric_value": 2},
        {"engine": "b", "tier": 1, "metric_value": None},
        {"engine": "b", "tier": 2, "metric_value": 3},
    ]

    values = metric_values(query("engine", "tier"), rows)

    assert [(value.label, value.value) for value in values] == [("engine=a,tier=1", 2.0), ("engine=b,tier=2", 3.0)]


@pytest.mark.parametrize(
    ("dimensions", "rows", "complaint"),
    [
        ((), [{"metric_value": 1, "engine": "a"}], "returned the column engine, allowed: metric_name, metric_value"),
        ((), [{"value": 1}], "returned no column metric_value"),
        (("engine",), [{"metric_value": 1}], "returned no column engine"),
        ((), [{"metric_value": 1}, {"metric_value": 2}], "returned 2 rows without dimensions in the header"),
        (("engine",), [{"metric_value": 1, "engine": "a"}] * 2, "returned 2 rows of engine=a, allowed: one"),
        (("engine",), [{"metric_value": 1, "engine": None}], "dimension engine is None, allowed: 1 to 1024"),
        (("engine",), [{"metric_value": 1, "engine": "  "}], "dimension engine is '  ', allowed: 1 to 1024"),
        (("engine",), [{"metric_value": 1, "engine": "日本語"}], "dimension engine is '日本語', allowed: 1 to 1024"),
        (
            ("engine",),
            [{"metric_value": 1, "engine": n} for n in range(11)],
            "returned 11 rows, allowed by its header: 10",
        ),
        ((), [{"metric_value": "7"}], "metric_value is '7', allowed: a number"),
        ((), [{"metric_value": True}], "metric_value is True, allowed: a number"),
        ((), [{"metric_value": Decimal("NaN")}], "metric_value is NaN, allowed: a finite number"),
    ],
)
def test_unusable_rows_fail_the_metric(
    dimensions: tuple[str, ...], rows: list[dict[str, object]], complaint: str
) -> None:
    with pytest.raises(QueryFailedError, match=re.escape(complaint)):
        metric_values(query(*dimensions), rows)


@given(found=st.floats() | st.integers() | st.decimals(allow_nan=False))
def test_only_values_that_cloudwatch_takes_get_out(found: float | Decimal) -> None:
    try:
        (value,) = metric_values(query(), [{"metric_value": found}])
    except QueryFailedError:
        assert not isfinite(found) or abs(float(found)) > 2**360
    else:
        assert isfinite(value.value)
        assert abs(value.value) <= 2**360
