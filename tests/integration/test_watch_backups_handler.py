"""The hourly look through its handler with moto as AWS, and its faults, where only the real client shows them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.rds.models import DBInstance, rds_backends

from rds_operations.domain.errors import (
    ConfigurationError,
    InvalidEventError,
    PartialFailureError,
    RefusedError,
    RetryableError,
)
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.samples import sample, sample_names
from tests.snapshots import INSTANCE, OWNERSHIP, PREFIX

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

REGION = "ap-northeast-1"
CONTEXT = FakeLambdaContext("watch_backups")
VARIABLES = {
    "AWS_DEFAULT_REGION": REGION,
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "dev",
    "DB_INSTANCE_IDENTIFIER": INSTANCE,
    "SNAPSHOT_PREFIX": PREFIX,
    "POWERTOOLS_SERVICE_NAME": "watch_backups",
    "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
}
TAG_LIST: list[Any] = [{"Key": key, "Value": value} for key, value in OWNERSHIP.tags().items()]
DESCRIBED = {
    "DBInstanceIdentifier": INSTANCE,
    "DBInstanceArn": "arn:db",
    "DbiResourceId": "db-X",
    "DBInstanceStatus": "available",
}


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator["RDSClient"]:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        monkeypatch.setenv("ALERTS_TOPIC_ARN", boto3.client("sns").create_topic(Name="alerts")["TopicArn"])
        client = boto3.client("rds")
        client.create_db_instance(
            DBInstanceIdentifier=INSTANCE,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            BackupRetentionPeriod=7,
        )
        yield client


def make_snapshot(rds: "RDSClient", name: str, age: timedelta, status: str = "available") -> str:
    identifier = f"{PREFIX}-{name}"
    rds.create_db_snapshot(DBSnapshotIdentifier=identifier, DBInstanceIdentifier=INSTANCE, Tags=TAG_LIST)
    made = rds_backends[DEFAULT_ACCOUNT_ID][REGION].database_snapshots[identifier]
    made.created, made.status = datetime.now(UTC) - age, status
    return identifier


def tags_of(rds: "RDSClient", identifier: str) -> dict[str, str]:
    [listed] = rds.describe_db_snapshots(DBSnapshotIdentifier=identifier)["DBSnapshots"]
    return {tag["Key"]: tag["Value"] for tag in listed["TagList"]}


def embedded_metrics(printed: str) -> dict[str, Any]:
    [line] = [line for line in map(json.loads, printed.splitlines()) if "_aws" in line]
    return dict(line)


@pytest.mark.parametrize("name", sample_names("watch_backups"))
def test_look_makes_what_is_missing_and_measures(
    rds: "RDSClient", name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_snapshot(rds, "old", timedelta(hours=30))

    response = load_app("watch_backups").handler(sample("watch_backups", name), CONTEXT)

    [made] = response["created_snapshots"]
    assert tags_of(rds, made)["reason"] == "missed-schedule"
    assert json.loads(json.dumps(response)) == response
    line = embedded_metrics(capsys.readouterr().out)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Environment", "DBInstanceIdentifier"]]
    assert line["newest_good_snapshot_age_hours"] == [30.0]
    assert line["automated_backups_enabled"] == [1.0]


def test_failed_snapshot_is_told_and_noted_on_it(rds: "RDSClient") -> None:
    make_snapshot(rds, "new", timedelta(hours=1))
    failed = make_snapshot(rds, "failed", timedelta(hours=2), "failed")
    handler = load_app("watch_backups").handler

    first, second = handler({}, CONTEXT), handler({}, CONTEXT)

    assert (first["alerted"], second["alerted"]) == ([failed], [])
    assert "alerted-failed" in tags_of(rds, failed)
    assert OWNERSHIP.tags().items() <= tags_of(rds, failed).items()


def test_instance_that_is_gone_is_told_and_keeps_its_snapshots(rds: "RDSClient") -> None:
    newest = make_snapshot(rds, "new", timedelta(hours=1))
    rds.delete_db_instance(DBInstanceIdentifier=INSTANCE, SkipFinalSnapshot=True)

    response = load_app("watch_backups").handler({}, CONTEXT)

    assert (response["instance_status"], response["alerted"]) == ("gone", [INSTANCE])
    assert "alerted-instance-gone" in tags_of(rds, newest)


@pytest.mark.usefixtures("rds")
def test_stopped_instance_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: DBInstance = rds_backends[DEFAULT_ACCOUNT_ID][REGION].databases[INSTANCE]
    monkeypatch.setattr(stopped, "status", "stopped")

    response = load_app("watch_backups").handler({}, CONTEXT)

    assert (response["action"], response["created_snapshots"]) == ("wait", [])


def test_topic_that_is_gone_fails_the_look_after_all_was_tried(
    rds: "RDSClient", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_snapshot(rds, "failed", timedelta(hours=2), "failed")
    monkeypatch.setenv("ALERTS_TOPIC_ARN", f"arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:gone")

    with pytest.raises(PartialFailureError, match="there is no such topic"):
        load_app("watch_backups").handler({}, CONTEXT)

    assert embedded_metrics(capsys.readouterr().out)["failed_snapshots"] == [1.0]
    assert len(rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]) == 2


@pytest.mark.parametrize(("code", "error"), [("Throttling", RetryableError), ("AccessDenied", RefusedError)])
@pytest.mark.parametrize("page", [0, 1])
@pytest.mark.usefixtures("rds")
def test_listing_that_fails_on_any_page_changes_nothing(code: str, error: type[Exception], page: int) -> None:
    app = load_app("watch_backups")
    asked = {"SnapshotType": "manual", "MaxRecords": 100}
    stubber = Stubber(app.rds)
    stubber.add_response("describe_db_instances", {"DBInstances": [DESCRIBED]})
    if page:
        stubber.add_response("describe_db_snapshots", {"DBSnapshots": [], "Marker": "m"}, asked)
    stubber.add_client_error("describe_db_snapshots", code, "said AWS")

    with stubber, pytest.raises(error, match="listing the manual snapshots of the account"):
        app.handler({}, CONTEXT)

    stubber.assert_no_pending_responses()


@pytest.mark.usefixtures("rds")
def test_healthy_look_costs_one_description_and_one_call_per_hundred_snapshots() -> None:
    app = load_app("watch_backups")
    named = {"DBSnapshotIdentifier": f"{PREFIX}-1", "DBInstanceIdentifier": INSTANCE, "Status": "available"}
    fresh = {**named, "SnapshotCreateTime": datetime.now(UTC), "TagList": TAG_LIST}
    strangers = [{**fresh, "DBSnapshotIdentifier": f"stranger-{number}", "TagList": []} for number in range(100)]
    stubber = Stubber(app.rds)
    stubber.add_response("describe_db_instances", {"DBInstances": [DESCRIBED]})
    stubber.add_response("describe_db_snapshots", {"DBSnapshots": strangers, "Marker": "m"})
    stubber.add_response("describe_db_snapshots", {"DBSnapshots": [fresh]})

    with stubber:
        response = app.handler({}, CONTEXT)

    stubber.assert_no_pending_responses()
    assert (response["action"], response["metrics"]["manual_snapshot_quota_used_percent"]) == ("none", 101.0)


def test_event_that_asks_for_something_is_refused(rds: "RDSClient") -> None:
    with pytest.raises(InvalidEventError, match="dry_run"):
        load_app("watch_backups").handler({"dry_run": True}, CONTEXT)

    assert rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] == []


@pytest.mark.usefixtures("rds")
def test_wrong_environment_stops_the_function_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANUAL_SNAPSHOT_QUOTA", "none")

    with pytest.raises(ConfigurationError, match="MANUAL_SNAPSHOT_QUOTA is 'none', allowed: "):
        load_app("watch_backups")
