"""The look at the backups in the deployed stack: it measures, tells once, and can do no more than that."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws.server import REGION
from local.aws.snapshot_wishes import STATUS_TAG
from local.demo.scene import Scene

WATCH = "WatchBackupsFunction"
OWNED = {
    "managed-by": "langpont-rds",
    "project": "langpont",
    "environment": "prod",
    "source-instance": "langpont-prod-db",
}


def _make(scene: Scene, name: str, **tags: str) -> str:
    identifier = f"langpont-manual-{name}-{datetime.now(UTC):%H%M%S%f}"
    scene.aws.rds.create_db_snapshot(
        DBSnapshotIdentifier=identifier,
        DBInstanceIdentifier=scene.instance,
        Tags=[{"Key": key, "Value": value} for key, value in {**OWNED, **tags}.items()],
    )
    return identifier


def _snapshot(scene: Scene, identifier: str) -> Any:
    return scene.aws.rds.describe_db_snapshots(DBSnapshotIdentifier=identifier)["DBSnapshots"][0]


def test_schedule_looks_and_its_figures_reach_cloudwatch(scene: Scene) -> None:
    records = scene.wait_for("a look", WATCH, lambda: scene.stack.log_records(WATCH, "backups were watched"))

    metrics = scene.aws.cloudwatch.list_metrics(Namespace="LangPont/RDS")["Metrics"]
    names = {metric["MetricName"] for metric in metrics}
    assert set(records[0]["metrics"]) <= names
    assert records[0]["metrics"]["automated_backups_enabled"] == 1
    assert scene.stack.denials(WATCH) == []


def test_failed_snapshot_is_told_once_and_noted_on_it(scene: Scene) -> None:
    failed = _make(scene, "failed", **{STATUS_TAG: "failed"})
    scene.stack.invoke(WATCH, {})

    alert = scene.wait_for_alert("the alert", WATCH, lambda a: a.body["resource"] == failed)
    again = scene.stack.invoke(WATCH, {})

    assert (alert.body["kind"], alert.body["severity"]) == ("event", "warning")
    assert again["alerted"] == []
    assert "alerted-failed" in {tag["Key"] for tag in _snapshot(scene, failed)["TagList"]}


def test_looking_may_note_what_was_told_and_nothing_else(scene: Scene) -> None:
    arn = _snapshot(scene, _make(scene, "noted"))["DBSnapshotArn"]
    rds: Any = _session(scene).client("rds", endpoint_url=scene.aws.endpoint_url)

    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "alerted-failed", "Value": "now"}])

    for key in ("hold", "project"):
        with pytest.raises(ClientError, match="not authorized to perform: rds:AddTagsToResource"):
            rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": key, "Value": "x"}])


def _session(scene: Scene) -> boto3.Session:
    """Return a session with the rights that the template gives the function."""
    role = scene.aws.functions.get_function_configuration(FunctionName=scene.stack.physical_id(WATCH))["Role"]
    sts = boto3.Session(scene.aws.access_key_id, scene.aws.secret_access_key, region_name=REGION).client(
        "sts", endpoint_url=scene.aws.endpoint_url
    )
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], region_name=REGION
    )
