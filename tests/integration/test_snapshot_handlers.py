"""Every sample payload of the snapshot functions through its handler, with AWS played by moto."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.rds.models import rds_backends

from rds_operations.domain.errors import ConfigurationError, InvalidEventError, NotFoundError
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.samples import sample, sample_names
from tests.snapshots import INSTANCE, OWNERSHIP, PREFIX

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

REGION = "ap-northeast-1"
VARIABLES = {
    "AWS_DEFAULT_REGION": REGION,
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "dev",
    "DB_INSTANCE_IDENTIFIER": INSTANCE,
    "SNAPSHOT_PREFIX": PREFIX,
    "MINIMUM_SNAPSHOTS": "1",
    "POWERTOOLS_SERVICE_NAME": "snapshots",
    "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
}
CONTEXT = FakeLambdaContext("snapshots")


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator["RDSClient"]:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("rds")
        client.create_db_instance(
            DBInstanceIdentifier=INSTANCE, DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20
        )
        yield client


def make_snapshot(rds: "RDSClient", name: str, age_days: int) -> None:
    tags = [{"Key": key, "Value": value} for key, value in OWNERSHIP.tags().items()]
    rds.create_db_snapshot(DBSnapshotIdentifier=f"{PREFIX}-{name}", DBInstanceIdentifier=INSTANCE, Tags=tags)  # type: ignore[arg-type]
    made = rds_backends[DEFAULT_ACCOUNT_ID][REGION].database_snapshots[f"{PREFIX}-{name}"]
    made.created = datetime.now(UTC) - timedelta(days=age_days)


def manual_snapshots(rds: "RDSClient") -> list[str]:
    return [
        listed["DBSnapshotIdentifier"] for listed in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    ]


@pytest.fixture
def alerts(rds: "RDSClient", monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Switch reports on, and return what reads them from a queue."""
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="langpont-dev-alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    monkeypatch.setenv("ALERTS_TOPIC_ARN", topic)

    def read() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in messages]

    return read


def embedded_metrics(printed: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, printed.splitlines()) if "_aws" in line]


@pytest.mark.parametrize("name", sample_names("create_snapshot"))
def test_every_request_makes_the_snapshot_it_names(rds: "RDSClient", name: str) -> None:
    response = load_app("create_snapshot").handler(sample("create_snapshot", name), CONTEXT)

    assert manual_snapshots(rds) == [response["snapshot_identifier"]]
    assert response["status"] == "creating"
    assert response.keys() == {"snapshot_identifier", "db_instance_identifier", "status", "created_at"}


def test_repeated_schedule_makes_one_snapshot(rds: "RDSClient") -> None:
    handler = load_app("create_snapshot").handler
    handler(sample("create_snapshot", "scheduled"), CONTEXT)

    response = handler(sample("create_snapshot", "scheduled"), CONTEXT)

    assert response["status"] == "already_exists"
    assert manual_snapshots(rds) == ["langpont-manual-20261123-180000"]


@pytest.mark.parametrize("name", sample_names("expire_snapshots"))
def test_every_expiry_answers_for_every_snapshot(rds: "RDSClient", name: str) -> None:
    make_snapshot(rds, "old", age_days=31)
    make_snapshot(rds, "new", age_days=1)
    event = sample("expire_snapshots", name)

    response = load_app("expire_snapshots").handler(event, CONTEXT)

    left = [f"{PREFIX}-old", f"{PREFIX}-new"] if event.get("dry_run") else [f"{PREFIX}-new"]
    assert manual_snapshots(rds) == left
    assert (response["examined"], response["deleted"]) == (2, [f"{PREFIX}-old"])
    assert json.loads(json.dumps(response)) == response


def test_expiry_counts_in_metrics_of_two_dimensions(rds: "RDSClient", capsys: pytest.CaptureFixture[str]) -> None:
    make_snapshot(rds, "old", age_days=31)
    make_snapshot(rds, "new", age_days=1)

    load_app("expire_snapshots").handler({}, CONTEXT)

    [line] = embedded_metrics(capsys.readouterr().out)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert line["snapshot_expiry_refused"] == line["snapshot_expiry_reports_failed"] == [0.0]
    assert directive["Dimensions"] == [["Environment", "DBInstanceIdentifier"]]
    assert (line["snapshots_deleted"], line["snapshots_kept"], line["snapshot_deletions_failed"]) == (
        [1.0],
        [1.0],
        [0.0],
    )


def test_expiry_that_deleted_something_is_reported_once(
    rds: "RDSClient", alerts: Callable[[], list[dict[str, Any]]]
) -> None:
    make_snapshot(rds, "old", age_days=31)
    make_snapshot(rds, "new", age_days=1)
    handler = load_app("expire_snapshots").handler

    for event in ({"dry_run": True}, {}, {}):
        handler(event, CONTEXT)

    [alert] = alerts()
    assert (alert["kind"], alert["severity"], list(alert["facts"]["deleted"])) == ("report", "info", [f"{PREFIX}-old"])


def test_report_that_cannot_be_published_leaves_the_response_as_it_is(
    rds: "RDSClient",
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_snapshot(rds, "old", age_days=31)
    make_snapshot(rds, "new", age_days=1)
    monkeypatch.setenv("ALERTS_TOPIC_ARN", f"arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:gone")

    response = load_app("expire_snapshots").handler({}, CONTEXT)

    [metrics] = embedded_metrics(capsys.readouterr().out)
    assert response["deleted"] == [f"{PREFIX}-old"]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "expiry could not be reported"
    ]
    assert (metrics["snapshots_deleted"], metrics["snapshot_expiry_reports_failed"]) == ([1.0], [1.0])


def test_expiry_that_refused_is_logged_as_an_error_and_reported(
    rds: "RDSClient", alerts: Callable[[], list[dict[str, Any]]], caplog: pytest.LogCaptureFixture
) -> None:
    make_snapshot(rds, "ahead", age_days=-1)
    make_snapshot(rds, "old", age_days=31)

    response = load_app("expire_snapshots").handler({}, CONTEXT)

    [alert] = alerts()
    errors = [vars(record) for record in caplog.records if record.levelname == "ERROR"]
    assert len(manual_snapshots(rds)) == 2
    assert (alert["kind"], alert["severity"]) == ("report", "warning")
    assert [(error["message"], error["reason"]) for error in errors] == [
        ("snapshot expiry was refused", response["refused"])
    ]


@pytest.mark.usefixtures("rds")
def test_feature_that_is_switched_off_is_said_at_start(caplog: pytest.LogCaptureFixture) -> None:
    load_app("expire_snapshots")

    assert [vars(record)["setting"] for record in caplog.records] == ["ALERTS_TOPIC_ARN", "RUNBOOK_BASE_URL"]


def test_new_snapshot_tells_whose_of_what_when_and_why(rds: "RDSClient") -> None:
    load_app("create_snapshot").handler(sample("create_snapshot", "before_deployment"), CONTEXT)

    [made] = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    tags = {tag["Key"]: tag["Value"] for tag in made["TagList"]}
    [instance] = rds.describe_db_instances()["DBInstances"]
    assert tags["created-at"].endswith("Z")
    assert tags == OWNERSHIP.tags() | {
        "stack": "langpont-dev",
        "source-resource-id": instance["DbiResourceId"],
        "created-at": tags["created-at"],
        "tier": "on-demand",
        "reason": "pre-deploy",
        "kit-version": "0.1.0",
    }


@pytest.mark.usefixtures("rds")
def test_request_for_a_missing_instance_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_INSTANCE_IDENTIFIER", "gone-db")

    with pytest.raises(NotFoundError, match="describing DB instance gone-db failed: there is no such DB instance"):
        load_app("create_snapshot").handler({}, CONTEXT)


@pytest.mark.parametrize(
    ("function", "event"),
    [("create_snapshot", {"scheduled_time": "<aws.scheduler.scheduled-time>"}), ("expire_snapshots", {"dryrun": True})],
)
@pytest.mark.usefixtures("rds")
def test_malformed_event_raises_and_changes_nothing(rds: "RDSClient", function: str, event: dict[str, Any]) -> None:
    make_snapshot(rds, "old", age_days=31)

    with pytest.raises(InvalidEventError):
        load_app(function).handler(event, CONTEXT)

    assert manual_snapshots(rds) == [f"{PREFIX}-old"]


@pytest.mark.parametrize("function", ["create_snapshot", "expire_snapshots"])
@pytest.mark.usefixtures("rds")
def test_wrong_environment_stops_the_function_at_start(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    monkeypatch.setenv("SNAPSHOT_PREFIX", "Nope--")

    with pytest.raises(ConfigurationError, match="SNAPSHOT_PREFIX is 'Nope--', allowed: "):
        load_app(function)
