"""Rules for the metrics' query files, which no other test would notice to be broken."""

import re

import pytest

from rds_operations.domain.metric_queries import Kind, MetricQuery
from rds_operations.domain.metric_tiers import Tier
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.functions import FUNCTIONS
from tests.unit.house.test_budgets import ROOT
from tests.whole_tables import for_each

FOLDER = FUNCTIONS / "push_metrics" / "queries"
QUERIES = load_metric_queries(FOLDER)
CONDITION_TESTS = "".join(
    path.read_text(encoding="utf-8")
    for pattern in ("test_metric_conditions*.py", "test_metric_values.py")
    for path in sorted((ROOT / "tests/integration").glob(pattern))
)
UNITS_OF_NAMES = {"percent": "Percent", "seconds": "Seconds", "bytes": "Bytes", "mb": "Megabytes"}
HEADER_ORDER = ("description", "unit", "timeout", "tier", "node", "kind", "version", "dimensions", "at_most", "origin")
# What people typed stands in these, with names, mail addresses and whatever else was in the literals.
TEXT_OF_QUERIES = re.compile(r"\bquery\b|pg_stat_statements|pg_stat_get_activity|current_query", re.IGNORECASE)
# Ways to read it without its name; `count(*)` is none.
ALL_COLUMNS = re.compile(r"select\s+\*|\.\*|to_jsonb?\(|row_to_json", re.IGNORECASE)


def _id(query: MetricQuery) -> str:
    return query.name


@for_each("query", QUERIES, ids=_id)
def test_condition_of_every_metric_is_made_to_happen(query: MetricQuery) -> None:
    assert f'"{query.name}"' in CONDITION_TESTS


@for_each("query", QUERIES, ids=_id)
def test_no_file_reads_the_text_of_queries(query: MetricQuery) -> None:
    assert not TEXT_OF_QUERIES.search(query.sql)
    assert not ALL_COLUMNS.search(query.sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT max(length(query)) FROM pg_stat_activity",
        "SELECT session.query FROM pg_stat_activity AS session",
        "SELECT * FROM pg_stat_activity",
        "SELECT session.* FROM pg_stat_activity AS session",
        "SELECT to_json(session) FROM pg_stat_activity AS session",
        "SELECT calls FROM pg_stat_statements",
    ],
)
def test_the_rule_about_the_text_of_queries_notices(sql: str) -> None:
    assert TEXT_OF_QUERIES.search(sql) or ALL_COLUMNS.search(sql)


@for_each("query", QUERIES, ids=_id)
def test_name_and_header_agree_on_the_unit(query: MetricQuery) -> None:
    ending = query.name.rpartition("_")[2]

    assert query.unit == UNITS_OF_NAMES.get(ending, query.unit)
    assert query.unit == "Percent" or query.kind is not Kind.RATIO


@pytest.mark.parametrize("query", [query for query in QUERIES if query.dimensions], ids=_id)
def test_rows_with_dimensions_are_ordered_and_limited_by_the_query_itself(query: MetricQuery) -> None:
    limit = re.search(r"^ORDER BY .*\nLIMIT (\d+)$", query.sql, re.MULTILINE)

    assert limit is not None
    assert int(limit[1]) == query.at_most


@for_each("query", QUERIES, ids=_id)
def test_header_lines_stand_in_one_order_and_are_short(query: MetricQuery) -> None:
    lines = (FOLDER / f"{query.name}.sql").read_text(encoding="utf-8").splitlines()
    keys = [line.removeprefix("-- ").partition(":")[0] for line in lines[: lines.index("")]]

    assert keys == [key for key in HEADER_ORDER if key in keys]
    assert {"tier", "node"} <= set(keys)
    assert max(map(len, lines)) <= 120


def test_what_is_measured_every_minute_may_not_take_the_minute() -> None:
    frequent = [query for query in QUERIES if query.tier is Tier.MINUTE]

    assert all(query.timeout.total_seconds() <= 10 for query in frequent)
