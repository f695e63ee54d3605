"""The look at the backups as it is deployed: its rights, and alarms on what is really measured."""

from typing import Any

import pytest

from rds_operations.domain.backups import figures
from tests.backups import PLAN, hours_old, seen
from tests.templates import functions, resources, source, statements

OURS = {
    logical_id: alarm["Properties"]
    for logical_id, alarm in resources("monitoring", "AWS::CloudWatch::Alarm").items()
    if alarm["Properties"]["Namespace"] == "LangPont/RDS"
}
EXPIRY_COUNTS = {"snapshot_deletions_failed", "snapshot_expiry_refused"}
HOURS = 3600


def rights(role: str, action: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in statement.items() if key != "Sid"}
        for where, statement in statements()
        if where == role and action in statement["Action"]
    ]


@pytest.mark.parametrize("alarm", OURS.values(), ids=OURS.keys())
def test_alarm_watches_what_is_published_in_its_dimensions(alarm: dict[str, Any]) -> None:
    published = set(figures(seen(hours_old("new", 1)), PLAN)) | EXPIRY_COUNTS

    assert alarm["MetricName"] in published
    assert {dimension["Name"] for dimension in alarm["Dimensions"]} == {"DBInstanceIdentifier", "Environment"}


@pytest.mark.parametrize(
    ("alarm", "threshold", "missing", "period_seconds"),
    [
        ("BackupTooOldAlarm", 26, "breaching", 3 * HOURS),
        ("RestorableTimeStalledAlarm", 15, "breaching", 3 * HOURS),
        ("SnapshotQuotaHighAlarm", 80, "missing", 3 * HOURS),
        ("SnapshotDeletionsFailedAlarm", 0, "notBreaching", 24 * HOURS),
        ("SnapshotExpiryRefusedAlarm", 0, "notBreaching", 24 * HOURS),
    ],
)
def test_alarm_has_its_limit_its_window_and_a_policy_for_missing_data(
    alarm: str, threshold: int, missing: str, period_seconds: int
) -> None:
    properties = OURS[alarm]

    assert properties["ComparisonOperator"] == "GreaterThanThreshold"
    assert (properties["Threshold"], properties["TreatMissingData"]) == (threshold, missing)
    assert properties["Period"] * properties["EvaluationPeriods"] == period_seconds


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
