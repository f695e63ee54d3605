"""What the embedded-metric lines look like that CloudWatch reads."""

import json
from typing import Any

import pytest

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.metric_queries import MAXIMUM_DIMENSIONS
from rds_operations.runtime.metrics import EmbeddedMetricSink, FunctionMetrics, function_metrics

NAMESPACE = "LangPont/RDS"


@pytest.fixture(autouse=True)
def powertools_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "push_metrics")


def new_metrics() -> FunctionMetrics:
    return function_metrics(environment="prod", db_instance_identifier="langpont-prod-db")


def printed(
    metrics: FunctionMetrics, capsys: pytest.CaptureFixture[str], *values: tuple[Any, ...]
) -> list[dict[str, Any]]:
    """Return the lines that a decorated handler prints for the values."""

    @metrics.log_metrics
    def handler(event: object, context: object) -> None:
        sink = EmbeddedMetricSink(metrics)
        for value in values:
            sink.add(*value)

    handler({}, None)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_line_has_namespace_unit_and_exactly_two_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = printed(new_metrics(), capsys, ("error_rate_1h", 1.5, "Percent"))

    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["Environment", "DBInstanceIdentifier"]],
            "Metrics": [{"Name": "error_rate_1h", "Unit": "Percent"}],
        }
    ]
    assert line["Environment"] == "prod"
    assert line["DBInstanceIdentifier"] == "langpont-prod-db"
    assert line["error_rate_1h"] == [1.5]
    assert "service" not in line


def test_all_values_of_a_run_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = printed(new_metrics(), capsys, ("one", 1.0, "Count"), ("two", 2.0, "Milliseconds"))

    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [
        {"Name": "one", "Unit": "Count"},
        {"Name": "two", "Unit": "Milliseconds"},
    ]


def test_further_dimensions_have_a_line_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    shared, own = printed(new_metrics(), capsys, ("one", 1.0, "Count"), ("two", 2.0, "Count", {"engine": "a"}))

    assert own["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Environment", "DBInstanceIdentifier", "engine"]]
    assert (own["engine"], own["two"]) == ("a", [2.0])
    assert "engine" not in shared
    assert "two" not in shared


def test_values_of_the_same_further_dimensions_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    replica = {"DBInstanceIdentifier": "langpont-prod-replica-1"}

    (line,) = printed(new_metrics(), capsys, ("one", 1.0, "Count", replica), ("two", 2.0, "Count", replica))

    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Environment", "DBInstanceIdentifier"]]
    assert (line["DBInstanceIdentifier"], line["one"], line["two"]) == ("langpont-prod-replica-1", [1.0], [2.0])


@pytest.mark.parametrize("further", [{}, {"DBInstanceIdentifier": "langpont-prod-replica-1"}])
def test_more_than_a_hundred_metrics_are_lines_of_a_hundred(
    further: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    values = [(f"metric_{number}", float(number), "Count", further) for number in range(250)]

    lines = printed(new_metrics(), capsys, *values)

    found = {metric: line[metric] for line in lines for metric in line if metric.startswith("metric_")}
    assert [len(line["_aws"]["CloudWatchMetrics"][0]["Metrics"]) for line in lines] == [100, 100, 50]
    assert found == {name: [value] for name, value, *_ in values}


def test_thirty_dimensions_all_arrive(capsys: pytest.CaptureFixture[str]) -> None:
    further = {f"column_{number}": str(number) for number in range(MAXIMUM_DIMENSIONS)}

    (line,) = printed(new_metrics(), capsys, ("one", 1.0, "Count", further))

    (dimensions,) = line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    assert len(dimensions) == 30
    assert {name: line[name] for name in further} == further


def test_next_run_repeats_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = new_metrics()
    printed(metrics, capsys, ("one", 1.0, "Count"))

    (line,) = printed(metrics, capsys, ("one", 2.0, "Count"))

    assert line["one"] == [2.0]


def test_next_run_has_its_further_dimensions_again(capsys: pytest.CaptureFixture[str]) -> None:
    metrics, value = new_metrics(), ("one", 1.0, "Count", {"engine": "a"})
    (first,) = printed(metrics, capsys, value)

    (second,) = printed(metrics, capsys, value)

    assert second["_aws"]["CloudWatchMetrics"] == first["_aws"]["CloudWatchMetrics"]
    assert (second["engine"], second["one"]) == ("a", [1.0])


def test_functions_in_one_process_share_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    first = new_metrics()
    first.add_metric(name="one", unit="Count", value=1)

    (line,) = printed(new_metrics(), capsys, ("two", 2.0, "Count"))

    assert "one" not in line


def test_run_without_values_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(new_metrics(), capsys) == []


def test_values_before_an_error_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = new_metrics()

    @metrics.log_metrics
    def handler(event: object, context: object) -> None:
        metrics.add_metric(name="one", unit="Count", value=1)
        raise ValueError("afterwards")

    with pytest.raises(ValueError, match="afterwards"):
        handler({}, None)

    assert json.loads(capsys.readouterr().out)["one"] == [1.0]


def test_missing_namespace_fails_the_cold_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE")

    with pytest.raises(ConfigurationError, match="POWERTOOLS_METRICS_NAMESPACE is not set"):
        new_metrics()
