"""The look at the backups as it is deployed: its rights, and alarms on what is really measured."""

from typing import Any

import pytest

from tests.alarms import made
from tests.templates import functions, resources, source, statements

HOURS = 3600


def rights(role: str, action: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in statement.items() if key != "Sid"}
        for where, statement in statements()
        if where == role and action in statement["Action"]
    ]


@pytest.mark.parametrize(
    ("stem", "threshold", "missing", "period_seconds"),
    [
        ("backup-too-old", 26, "breaching", 3 * HOURS),
        ("restorable-time-stalled", 15, "breaching", 3 * HOURS),
        ("snapshot-quota-high", 80, "missing", 3 * HOURS),
        ("storage-autoscaling-near-maximum", 80, "notBreaching", 3 * HOURS),
        ("snapshot-deletions-failed", 0, "notBreaching", 24 * HOURS),
        ("snapshot-expiry-refused", 0, "notBreaching", 24 * HOURS),
    ],
)
def test_alarm_has_its_limit_its_window_and_a_policy_for_missing_data(
    stem: str, threshold: int, missing: str, period_seconds: int
) -> None:
    alarm = made()[f"langpont-prod-{stem}"]

    assert alarm["Namespace"] == "LangPont/RDS"
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert (float(alarm["Threshold"]), alarm["TreatMissingData"]) == (threshold, missing)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == period_seconds


def test_missing_snapshot_is_made_with_the_same_rights_as_a_scheduled_one() -> None:
    scheduled = rights("snapshots.CreateSnapshotFunctionRole", "rds:CreateDBSnapshot")

    assert scheduled
    assert rights("backups.WatchBackupsFunctionRole", "rds:CreateDBSnapshot") == scheduled


def test_look_deletes_nothing() -> None:
    actions = [str(statement["Action"]) for where, statement in statements() if where.startswith("backups.")]

    assert actions
    assert not [action for action in actions if "Delete" in action or "Modify" in action]


def test_look_has_time_for_its_slowest_calls() -> None:
    [timeout] = [properties["Timeout"] for stack, _, properties in functions() if stack == "backups"]

    # Description, listing, search and creation, each 27 s at the most (adapters/rds_client.py).
    assert timeout >= 4 * 27


def test_schedule_is_a_parameter() -> None:
    [schedule] = resources("backups", "AWS::Scheduler::Schedule").values()

    assert schedule["Properties"]["ScheduleExpression"] == {"Ref": "BackupWatchSchedule"}
    assert "BackupWatchSchedule" in source("backups")["Parameters"]
