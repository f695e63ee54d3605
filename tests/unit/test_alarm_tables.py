"""A wrong row is refused: the error names file and row, and says what is allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from generators.alarm_tables import AUTOMATION, DATABASE, load_alarm_tables
from generators.dashboard_table import PATH as DASHBOARD
from generators.errors import TableError
from generators.monitoring_stack import generate
from tests.templates import ROOT

type Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The three tables in a folder of their own."""
    for path in (DATABASE, AUTOMATION, DASHBOARD):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text((ROOT / path).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def changed(checkout: Path, path: str, change: Change) -> Path:
    table = yaml.load((checkout / path).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    change(table)
    (checkout / path).write_text(yaml.dump(table, Dumper=yaml.CSafeDumper), encoding="utf-8")
    return checkout


def alarm(named: str, /, **columns: Any) -> Change:
    """Return the change that sets columns of a row; one that is None is taken away."""

    def change(table: dict[str, Any]) -> None:
        [row] = [row for row in table["alarms"] if row["stem"] == named]
        row.update(columns)
        for name in [name for name, value in columns.items() if value is None]:
            del row[name]

    return change


def threshold(**columns: Any) -> Change:
    given = {
        "parameter": "CpuHighPercent",
        "default": 80,
        "minimum": 1,
        "maximum": 100,
        "unit": "x",
        "description": "Xx",
    }
    return alarm("rds-cpu-high", threshold=given | columns)


CPU = f"{DATABASE}, alarm rds-cpu-high: "
SPOILT: list[tuple[Change, str]] = [
    (alarm("rds-cpu-high", severity="urgent"), CPU + "severity is 'urgent', allowed: critical, warning, of function"),
    (alarm("rds-cpu-high", severity=None), CPU + "severity is missing, allowed: critical, warning, of function"),
    (alarm("rds-cpu-high", applies_to="all"), CPU + "applies_to is 'all', allowed: primary, replicas, each"),
    (alarm("rds-cpu-high", treshold=1), CPU + "treshold is no column, allowed: applies_to, "),
    (
        alarm("rds-cpu-high", evaluate="3 of 2"),
        CPU + "evaluate is '3 of 2', allowed: not more periods than are looked at",
    ),
    (alarm("rds-cpu-high", evaluate="two"), CPU + "evaluate is 'two', allowed: a text that matches"),
    (alarm("rds-cpu-high", period=90), CPU + "period is 90, allowed: a multiple of 60 seconds, or a parameter"),
    (alarm("rds-cpu-high", period=604800), CPU + "evaluate is '2 of 2', allowed: 1 periods of 604800 s"),
    (alarm("rds-cpu-high", compare="=>"), CPU + "compare is '=>', allowed: >, >=, <, <="),
    (alarm("rds-cpu-high", missing="bad"), CPU + "missing is 'bad', allowed: breaching, notBreaching, ignore, missing"),
    (alarm("rds-cpu-high", missing_because=None), CPU + "missing_because is missing, allowed: a text that matches"),
    (alarm("rds-cpu-high", dimensions="cluster"), CPU + "dimensions is 'cluster', allowed: instance, environment, "),
    (alarm("rds-cpu-high", metric=None), CPU + "no measurement given, allowed: one of metric, math, counts, rule"),
    (
        alarm("rds-cpu-high", rule="ALARM(x-y)"),
        CPU + "metric and rule given, allowed: one of metric, math, counts, rule",
    ),
    (alarm("rds-cpu-high", metric={"name": "X", "statistic": "Mean"}), CPU + "metric: statistic is 'Mean', allowed: "),
    (alarm("rds-cpu-high", metric="X"), CPU + "metric is 'X', allowed: columns with values"),
    (threshold(default=101), CPU + "threshold: default is 101, allowed: 1 to 100"),
    (threshold(allowed=[1, 2]), CPU + "threshold: default is 80, allowed: 1, 2"),
    (threshold(minimum="low"), CPU + "threshold: minimum is 'low', allowed: a number"),
    (threshold(parameter="ReplicaLagHighSeconds"), "threshold: parameter is 'ReplicaLagHighSeconds', allowed: a name"),
    (
        alarm("rds-cpu-high", threshold={"parameter": "Nobody"}),
        CPU + "threshold: parameter is 'Nobody', allowed: one of",
    ),
    (
        alarm("rds-cpu-high", stem="CpuHigh"),
        f"{DATABASE}, alarm CpuHigh: stem is 'CpuHigh', allowed: a text that matches",
    ),
    (alarm("rds-cpu-high", stem="storage-low"), "alarm storage-low stands twice, allowed: once"),
    (
        alarm("replica-bytes-behind", part_of="rds-cpu-high"),
        "part_of is 'rds-cpu-high', allowed: a composite whose rule",
    ),
    (
        alarm("database-overloaded", rule="ALARM(replica-lag)"),
        "alarm database-overloaded: rule names replica-lag, allowed",
    ),
    (alarm("database-overloaded", rule="ALARM(no-such)"), "alarm database-overloaded: rule names an unknown alarm"),
    (alarm("rds-cpu-high", severity="of function"), "severity is 'of function', allowed: with applies_to functions"),
    (alarm("rds-cpu-high", meaning="{who} is busy"), "alarm rds-cpu-high: {who} is no placeholder, allowed: subject, "),
    (alarm("rds-cpu-high", consequence="x" * 1000 + "."), "alarm rds-cpu-high: its description has "),
    (lambda table: table.update(alarms={}), f"{DATABASE}: alarms is {{}}, allowed: a list"),
]


@pytest.mark.parametrize(("change", "complaint"), SPOILT, ids=[complaint[-60:] for _, complaint in SPOILT])
def test_wrong_row_is_named_with_what_is_allowed(checkout: Path, change: Change, complaint: str) -> None:
    changed(checkout, DATABASE, change)

    with pytest.raises(TableError) as raised:
        list(generate(checkout))

    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            lambda table: table["functions"][0].update(runs="weekly"),
            "runs is 'weekly', allowed: often",
        ),
        (lambda table: table["functions"][0]["dead_letters"].update(severity="bad"), "severity is 'bad', allowed: "),
        (
            lambda table: table["topics"][0].update(resource="Alarms"),
            "resource is 'Alarms', allowed: a text that matches",
        ),
        (alarm("metrics-silent", period=None), "alarm metrics-silent: period is missing, allowed: a whole number"),
    ],
)
def test_wrong_row_of_the_automation_is_named(checkout: Path, change: Change, complaint: str) -> None:
    changed(checkout, AUTOMATION, change)

    with pytest.raises(TableError, match=f"^{AUTOMATION}, .*") as raised:
        load_alarm_tables(checkout)

    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("widget", "complaint"),
    [
        ({"title": "X", "alarms": ["no-such"]}, "widget X: no-such is no alarm on metrics, allowed: stems of"),
        ({"title": "X", "alarms": ["replica-behind"]}, "widget X: replica-behind is no alarm on metrics"),
        (
            {"title": "X", "alarms": ["replica-lag"]},
            "widget X: metrics is missing, allowed: at least one line of the primary",
        ),
        (
            {"title": "X", "metrics": [{"name": "CPUUtilization", "statistic": "Mean"}]},
            "statistic is 'Mean', allowed: ",
        ),
    ],
)
def test_wrong_widget_is_named(checkout: Path, widget: dict[str, Any], complaint: str) -> None:
    changed(checkout, DASHBOARD, lambda table: table["sections"][0]["widgets"].append(widget))

    with pytest.raises(TableError) as raised:
        list(generate(checkout))

    assert complaint in str(raised.value)


def test_table_that_is_no_yaml_is_named(checkout: Path) -> None:
    (checkout / DATABASE).write_text("alarms: [", encoding="utf-8")

    with pytest.raises(TableError, match=f"^{DATABASE} is no YAML: "):
        load_alarm_tables(checkout)
