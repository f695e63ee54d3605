"""What one run of push_metrics asks, publishes and reports."""

from datetime import UTC, datetime, timedelta

import pytest

from rds_operations.domain.errors import InvalidEventError, RetryableError
from rds_operations.domain.metric_queries import MetricQuery
from rds_operations.domain.metric_runs import MetricsRequest, MetricsRun
from rds_operations.domain.query_errors import QueryFailedError
from rds_operations.runtime.events.metrics_request import requested_queries
from rds_operations.runtime.metric_queries import load_metric_queries
from rds_operations.runtime.metrics_memory import WarmMemory
from rds_operations.usecases.push_metrics import MetricsNodes, push_metrics
from tests.fakes.clock import FakeClock
from tests.fakes.metric_sink import FakeMetricSink
from tests.fakes.query_runner import Answer, FakeMetricsDatabase, FakeQueryRunner
from tests.functions import FUNCTIONS
from tests.samples import sample, sample_names

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
PRIMARY = "langpont-prod-db"
TIMEOUT = timedelta(seconds=5)
ONE = [{"metric_value": 1}]


def query(name: str, *dimensions: str) -> MetricQuery:
    return MetricQuery(name, f"SELECT {name}", "Count", "Open orders", TIMEOUT, dimensions)


def run_all(answers: dict[MetricQuery, Answer], sink: FakeMetricSink | None = None) -> MetricsRun:
    clock = FakeClock(NOW)
    runner = FakeQueryRunner(
        {query.sql: answer for query, answer in answers.items()}, clock=clock, each_takes=timedelta(milliseconds=20)
    )
    return push_metrics(
        MetricsRequest(tuple(answers), only_due=True),
        nodes=MetricsNodes(PRIMARY, {PRIMARY: FakeMetricsDatabase(runner)}),
        memory=WarmMemory(),
        sink=sink or FakeMetricSink(),
        clock=clock,
    )


def test_values_are_published_with_their_units() -> None:
    sink = FakeMetricSink()

    response = run_all({query("orders"): [{"metric_value": 7}], query("users"): ONE}, sink).as_response()

    assert response == {
        "published": {"orders": 7.0, "users": 1.0},
        "failed": {},
        "duration_ms": 40,
        "replicas": {},
        "up": {PRIMARY: 1},
    }
    assert sink.added[:3] == [("up", 1, "Count", {}), ("orders", 7.0, "Count", {}), ("users", 1.0, "Count", {})]


def test_dimension_columns_are_published_each() -> None:
    sink = FakeMetricSink()
    rows = [{"engine": "a", "metric_value": 1}, {"engine": "b", "metric_value": 2}]

    response = run_all({query("orders", "engine"): rows}, sink).as_response()

    assert response["published"] == {"orders": {"engine=a": 1.0, "engine=b": 2.0}}
    assert ("orders", 1.0, "Count", {"engine": "a"}) in sink.added


def test_failing_query_does_not_stop_the_others() -> None:
    failing: Answer = QueryFailedError("relation does not exist (42P01)")

    response = run_all({query("orders"): failing, query("users"): ONE}).as_response()

    assert response["published"] == {"users": 1.0}
    assert response["failed"] == {"orders": "relation does not exist (42P01)"}


def test_unusable_result_is_a_failed_metric() -> None:
    response = run_all({query("orders"): [{"metric_value": float("nan")}], query("users"): ONE}).as_response()

    assert response["published"] == {"users": 1.0}
    assert response["failed"] == {"orders": "metric_value is nan, allowed: a finite number of at most 2^360"}


@pytest.mark.parametrize("rows", [[], [{"metric_value": None}]])
def test_no_data_is_neither_published_nor_failed(rows: Answer) -> None:
    sink = FakeMetricSink()

    response = run_all({query("orders"): rows}, sink).as_response()

    assert (response["published"], response["failed"]) == ({}, {})
    assert "orders" not in sink.values


def test_run_measures_itself() -> None:
    sink = FakeMetricSink()

    run_all({query("orders"): QueryFailedError("timeout"), query("users"): ONE}, sink)

    assert sink.values == {"up": 1, "users": 1.0, "metric_query_duration_ms": 40, "metric_query_failures": 1}
    assert sink.units["metric_query_duration_ms"] == "Milliseconds"


def test_lost_database_fails_the_run_after_saying_so() -> None:
    sink = FakeMetricSink()

    with pytest.raises(RetryableError, match="was lost"):
        run_all({query("orders"): ONE, query("users"): RetryableError("the connection was lost")}, sink)

    assert sink.values == {"up": 0, "orders": 1.0, "metric_query_duration_ms": 40, "metric_query_failures": 1}


def test_empty_event_asks_for_what_is_due_of_all() -> None:
    queries = (query("orders"), query("users"))

    assert requested_queries({}, queries) == MetricsRequest(queries, only_due=True)


def test_named_metrics_are_asked_for_once_each_due_or_not() -> None:
    queries = (query("orders"), query("users"), query("sales"))

    request = requested_queries({"metrics": ["users", "orders", "users"]}, queries)

    assert request == MetricsRequest((queries[1], queries[0]), only_due=False)


@pytest.mark.parametrize(
    "event", [{"metrics": ["sales"]}, {"metrics": []}, {"metrics": "orders"}, {"metrics": [["orders"]]}]
)
def test_unknown_metric_is_refused_with_the_known_ones(event: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^metrics is .*, allowed: a list of at least one of orders, users$"):
        requested_queries(event, (query("orders"), query("users")))


@pytest.mark.parametrize("event", [{"metric": ["orders"]}, [], "all", None])
def test_event_of_another_form_is_refused(event: object) -> None:
    with pytest.raises(InvalidEventError, match=r"allowed: an object with no other field than metrics"):
        requested_queries(event, (query("orders"),))


@pytest.mark.parametrize("name", sample_names("push_metrics"))
def test_sample_events_are_understood(name: str) -> None:
    queries = load_metric_queries(FUNCTIONS / "push_metrics" / "queries")

    assert requested_queries(sample("push_metrics", name), queries).queries
