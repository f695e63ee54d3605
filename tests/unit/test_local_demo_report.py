"""The demonstration's report: honest about what was not reached."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console

from local.demo.report import DemoReport, StepResult
from local.demo.stage import Stage, Step
from local.errors import LocalError

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
GOOD = StepResult("sam build", proven=True, evidence="5 functions", seconds=1.25)


def _console() -> Console:
    return Console(file=StringIO(), width=100)


def _fail() -> str:
    raise LocalError("CreateSnapshotFunction was denied rds:CreateDBSnapshot on arn:x")


def test_report_with_a_step_missing_is_not_proven() -> None:
    assert not DemoReport(NOW, (GOOD,), expected_steps=2).proven
    assert DemoReport(NOW, (GOOD,), expected_steps=1).proven


def test_summary_holds_what_the_table_shows(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "summary.json"

    DemoReport(NOW, (GOOD,), expected_steps=1).write(path)

    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["proven"] is True
    assert written["steps"][0] == {
        "name": "sam build",
        "proven": True,
        "evidence": "5 functions",
        "seconds": 1.2,
        "log": "",
    }


def test_first_unproven_step_ends_the_demonstration(tmp_path: Path) -> None:
    steps = (
        Step("denied", _fail, tmp_path / "log"),
        Step("never reached", lambda: "reached", tmp_path / "log"),
    )

    report = Stage(_console()).perform(steps)

    assert not report.proven
    assert [step.name for step in report.steps] == ["denied"]
    assert report.steps[0].evidence == "CreateSnapshotFunction was denied rds:CreateDBSnapshot on arn:x"
    assert report.steps[0].log == str(tmp_path / "log")
