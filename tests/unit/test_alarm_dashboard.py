"""The dashboard as it is deployed: CloudWatch can read it, and it draws the alarms' thresholds on what is published."""

import json
from functools import cache
from typing import Any

import pytest

from rds_operations.domain.metric_queries import DURATION_METRIC, FAILURES_METRIC
from tests.alarms import EXISTING, METRICS, TWO_REPLICAS, made
from tests.stack_plan import root
from tests.templates import ROOT
from tests.whole_tables import for_each

QUERIES = {path.stem for path in (ROOT / "functions/push_metrics/queries").glob("*.sql")}
DRAWN_ONLY = {
    "AWS/RDS": {"ReadIOPS", "WriteIOPS", "TransactionLogsGeneration"},
    # Published by reactions and looks, alarmed by nothing of their own.
    "LangPont/RDS": {*QUERIES, DURATION_METRIC, FAILURES_METRIC, "failover_duration_seconds", "good_snapshots"},
}
SHAPES = {"two replicas": TWO_REPLICAS, "no replica": (("ReplicaCount", "0"),), "existing": EXISTING}

type Widget = dict[str, Any]


@cache
def dashboard(*parameters: tuple[str, str]) -> list[Widget]:
    [(_, properties)] = root(**dict(parameters)).made("AWS::CloudWatch::Dashboard")
    widgets: list[Widget] = json.loads(properties["DashboardBody"])["widgets"]
    return widgets


def graphs(*parameters: tuple[str, str]) -> list[dict[str, Any]]:
    return [widget["properties"] for widget in dashboard(*parameters) if widget["type"] == "metric"]


def lines(graph: dict[str, Any]) -> list[list[str]]:
    """Return namespace, name and dimensions of each metric of a graph."""
    return [[part for part in row if isinstance(part, str)] for row in graph["metrics"] if isinstance(row[0], str)]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_body_is_json_and_small_enough(shape: tuple[tuple[str, str], ...]) -> None:
    [(_, properties)] = root(**dict(shape)).made("AWS::CloudWatch::Dashboard")

    assert properties["DashboardName"] == "langpont-prod"
    # CloudWatch quotas: 2,500 metrics on a dashboard, 500 in a widget.
    assert sum(len(graph["metrics"]) for graph in graphs(*shape)) <= 2500
    assert "${" not in properties["DashboardBody"]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_everything_drawn_is_published(shape: tuple[tuple[str, str], ...]) -> None:
    known = {namespace: METRICS[namespace] | DRAWN_ONLY.get(namespace, set()) for namespace in METRICS}
    expected = {"AWS/RDS": ["DBInstanceIdentifier"], "LangPont/RDS": ["DBInstanceIdentifier", "Environment"]}

    for namespace, name, *given in (line for graph in graphs(*shape) for line in lines(graph)):
        assert name in known[namespace]
        assert given[::2] == expected[namespace]
        assert all(given[1::2])


@for_each("name", sorted(QUERIES))
def test_every_sql_metric_is_drawn(name: str) -> None:
    every = graphs(*TWO_REPLICAS)
    searched = "".join(row[0].get("expression", "") for graph in every for row in graph["metrics"] if len(row) == 1)

    assert name in {line[1] for graph in every for line in lines(graph)} or f'MetricName="{name}"' in searched


def test_metrics_with_a_dimension_are_searched_for_by_its_values() -> None:
    [graph] = [graph for graph in graphs() if graph["title"].startswith("Connections by state")]
    [search] = [row[0] for row in graph["metrics"] if isinstance(row[0], dict)]

    assert search == {
        "expression": 'SEARCH(\'{LangPont/RDS,DBInstanceIdentifier,Environment,state} MetricName="connections" '
        'DBInstanceIdentifier="langpont-prod-db" Environment="prod"\', \'Average\')',
    }


def test_sections_stand_in_the_order_of_the_questions_that_people_ask() -> None:
    titles = [widget["properties"]["markdown"] for widget in dashboard() if widget["type"] == "text"]

    assert titles == [
        "## How the application uses the database",
        "## Health",
        "## Health: replication",
        "## Recoverability",
        "## Automation",
    ]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_alarm_widgets_name_alarms_that_exist(shape: tuple[tuple[str, str], ...]) -> None:
    shown = [widget["properties"]["alarms"] for widget in dashboard(*shape) if widget["type"] == "alarm"]
    names = {arn.split(":", 6)[6] for arns in shown for arn in arns}

    assert len(shown) == 2
    # CloudWatch user guide: an alarm widget shows up to 100.
    assert all(len(arns) == len(set(arns)) <= 100 for arns in shown)
    assert names <= set(made(*shape))
    # What only some deployments have is left out; everything else is shown.
    assert {name for name in set(made(*shape)) - names if "-automation-" not in name} == set()


def test_absent_replica_leaves_no_line() -> None:
    limits = [
        limit["label"]
        for graph in graphs(*TWO_REPLICAS)
        for limit in graph.get("annotations", {}).get("horizontal", [])
    ]
    remaining = json.dumps([graph.get("annotations") for graph in graphs(("ReplicaCount", "0"))])

    assert "memory-low of replica 2" in limits
    assert "of replica" not in remaining
    assert "replica-1" in json.dumps(graphs(*TWO_REPLICAS))
    assert "-replica-" not in json.dumps([lines(graph) for graph in graphs(("ReplicaCount", "0"))])


@pytest.mark.parametrize(
    ("parameter", "value", "title", "drawn"),
    [
        ("CpuHighPercent", "90", "Processor (%)", 90),
        ("StorageLowGiB", "20", "Free storage (bytes)", 20 * 1024**3),
        ("MemoryLowMiB", "512", "Memory that can be made free (bytes)", 512 * 1024**2),
        ("ReadLatencyHighMs", "35", "Read latency of the storage, p90 (ms)", 35),
    ],
)
def test_threshold_is_drawn_where_the_alarm_has_it(parameter: str, value: str, title: str, drawn: float) -> None:
    [graph] = [graph for graph in graphs((parameter, value)) if graph["title"] == title]
    [first, *_] = graph["annotations"]["horizontal"]
    alarm = made((parameter, value))[f"langpont-prod-{first['label']}"]

    assert first["value"] == float(alarm["Threshold"]) == drawn


def test_expression_is_drawn_as_the_alarm_calculates_it() -> None:
    [graph] = [graph for graph in graphs(*TWO_REPLICAS) if graph["title"].startswith("Not replayed")]
    ids = {row[-1]["id"] for row in graph["metrics"] if "id" in row[-1]}
    expressions = [row[0] for row in graph["metrics"] if isinstance(row[0], dict)]

    assert len(expressions) == 2
    for number, found in enumerate(expressions, 1):
        own = {name: f"{name}_replica{number}0" for name in ("counted", "slot", "lag", "written")}
        [asked] = [
            query["Expression"]
            for query in made(*TWO_REPLICAS)[f"langpont-prod-replica-bytes-behind-{number}"]["Metrics"]
            if query["ReturnData"]
        ]
        for name, renamed in own.items():
            asked = asked.replace(name, renamed)
        assert found["expression"] == asked
        assert set(own.values()) <= ids


def test_no_two_widgets_cover_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard(*TWO_REPLICAS):
        rows, columns = range(widget["height"]), range(widget["width"])
        cells = {(widget["x"] + x, widget["y"] + y) for x in columns for y in rows}

        assert not cells & taken, widget["properties"]
        assert widget["x"] + widget["width"] <= 24
        taken |= cells
