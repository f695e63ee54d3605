"""Snapshots in the deployed stack: made by the schedule, expired safely, protected by IAM from our own mistakes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws.server import REGION
from local.aws.snapshot_wishes import CREATED_AT_TAG
from local.demo.scene import Scene
from local.waiting import wait_until

CREATE, EXPIRE = "CreateSnapshotFunction", "ExpireSnapshotsFunction"
OWNED = {
    "managed-by": "langpont-rds",
    "project": "langpont",
    "environment": "prod",
    "source-instance": "langpont-prod-db",
}

type Make = Callable[..., str]


def _snapshots(scene: Scene) -> dict[str, Any]:
    pages = scene.aws.rds.get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
    return {snapshot["DBSnapshotIdentifier"]: snapshot for page in pages for snapshot in page["DBSnapshots"]}


@pytest.fixture
def make_snapshot(scene: Scene) -> Make:
    def make(name: str, days: int, tags: dict[str, str]) -> str:
        created_at = datetime.now(UTC) - timedelta(days=days)
        tags = {**tags, CREATED_AT_TAG: created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        identifier = f"langpont-manual-{name}"
        scene.aws.rds.create_db_snapshot(
            DBSnapshotIdentifier=identifier,
            DBInstanceIdentifier=scene.instance,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        return identifier

    return make


def test_schedule_makes_a_snapshot_named_by_its_own_time(scene: Scene) -> None:
    record = scene.wait_for(
        "a snapshot by the schedule", CREATE, lambda: scene.stack.log_records(CREATE, "snapshot was requested")
    )[0]

    made = _snapshots(scene)[record["snapshot_identifier"]]
    tags = {tag["Key"]: tag["Value"] for tag in made["TagList"]}
    assert OWNED.items() <= tags.items()
    assert tags["Name"] == "prod-langpont-database"
    assert not [key for key in tags if key.startswith("aws:")]


def test_expiry_deletes_aged_ones_and_keeps_held_and_foreign_ones(scene: Scene, make_snapshot: Make) -> None:
    young = [make_snapshot(f"young-{days}", days, OWNED) for days in range(1, 8)]
    aged = make_snapshot("aged", 40, OWNED)
    held = make_snapshot("held", 40, {**OWNED, "hold": "incident 7"})
    foreign = make_snapshot("foreign", 400, {"owner": "somebody else"})

    report = scene.stack.invoke(EXPIRE, {})

    left = set(_snapshots(scene))
    assert aged not in left
    assert {*young, held, foreign} <= left
    assert report["failed"] == []
    assert "hold" in report["kept"][held]
    assert report["refused"] == ""


def test_first_snapshot_of_a_month_outlives_its_retention_where_months_are_kept(
    scene: Scene, make_snapshot: Make
) -> None:
    now = datetime.now(UTC)
    for days in range(1, 8):
        make_snapshot(f"son-{days}", days, OWNED)
    # The runs of the first two days were missed: the one of the third stands for January.
    january, later, march = (
        make_snapshot(f"father-{month}-{day}", (now - datetime(now.year - 2, month, day, tzinfo=UTC)).days, OWNED)
        for month, day in ((1, 3), (1, 20), (3, 15))
    )

    with settings_of(scene, EXPIRE, RETENTION_MONTHLY="100"):
        by_months = scene.stack.invoke(EXPIRE, {})
    without = scene.stack.invoke(EXPIRE, {"dry_run": True})

    assert later in by_months["deleted"]
    assert f"month {now.year - 2}-01" in by_months["kept"][january]
    assert f"month {now.year - 2}-03" in by_months["kept"][march]
    assert {january, march} <= set(without["deleted"])


def test_expiry_that_deleted_something_sends_a_report(scene: Scene, make_snapshot: Make) -> None:
    for days in range(1, 8):
        make_snapshot(f"kept-{days}", days, OWNED)
    aged = make_snapshot("reported", 40, OWNED)

    scene.stack.invoke(EXPIRE, {})

    report = scene.wait_for_alert("a report", EXPIRE, lambda alert: aged in alert.body["facts"].get("deleted", {}))
    assert (report.body["kind"], report.body["resource"]) == ("report", scene.instance)


def test_foreign_snapshot_is_out_of_reach_of_the_functions_own_credentials(scene: Scene, make_snapshot: Make) -> None:
    foreign = make_snapshot("out-of-reach", 400, {"owner": "somebody else"})
    rds = _session_of(scene, EXPIRE).client("rds", endpoint_url=scene.aws.endpoint_url)

    with pytest.raises(ClientError) as denied:
        rds.delete_db_snapshot(DBSnapshotIdentifier=foreign)

    assert denied.value.response["Error"]["Code"] == "AccessDenied"
    assert f"rds:DeleteDBSnapshot on resource: arn:aws:rds:{REGION}:000000000000:snapshot:{foreign}" in str(
        denied.value
    )
    assert foreign in _snapshots(scene)


def test_snapshot_without_ownership_tags_cannot_be_made(scene: Scene) -> None:
    rds = _session_of(scene, CREATE).client("rds", endpoint_url=scene.aws.endpoint_url)

    with pytest.raises(ClientError, match="not authorized to perform: rds:CreateDBSnapshot"):
        rds.create_db_snapshot(
            DBSnapshotIdentifier="langpont-manual-20260101-180000", DBInstanceIdentifier=scene.instance
        )


def test_strangers_snapshot_cannot_be_marked_as_ours(scene: Scene, make_snapshot: Make) -> None:
    stranger = make_snapshot("20250101-180000", 400, {"managed-by": "somebody else"})
    rds = _session_of(scene, CREATE).client("rds", endpoint_url=scene.aws.endpoint_url)

    with pytest.raises(ClientError, match="not authorized to perform: rds:AddTagsToResource"):
        rds.add_tags_to_resource(
            ResourceName=_snapshots(scene)[stranger]["DBSnapshotArn"],
            Tags=[{"Key": key, "Value": value} for key, value in OWNED.items()],
        )

    assert stranger in scene.stack.invoke(EXPIRE, {"dry_run": True})["kept"]


def test_failed_creation_is_dead_lettered_with_its_cause(scene: Scene) -> None:
    event = {"scheduled_time": "yesterday"}
    scene.aws.functions.invoke(
        FunctionName=scene.stack.physical_id(CREATE), InvocationType="Event", Payload=json.dumps(event).encode()
    )

    def letters() -> list[dict[str, Any]]:
        return [letter for letter in scene.stack.dead_letters(CREATE) if letter["requestPayload"] == event]

    (letter,) = wait_until("the letter", letters, deadline_seconds=60)
    scene.aws.sqs.purge_queue(QueueUrl=scene.stack.function(CREATE).dead_letter_queue_url)

    assert "scheduled_time" in letter["responsePayload"]["errorMessage"]


@contextmanager
def settings_of(scene: Scene, function: str, **settings: str) -> Iterator[None]:
    """Deploy the function with other settings for a while."""
    name, client = scene.stack.physical_id(function), scene.aws.functions
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, **settings}})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def _session_of(scene: Scene, function: str) -> boto3.Session:
    """Return a session with the rights that the template gives the function."""
    role = scene.aws.functions.get_function_configuration(FunctionName=scene.stack.physical_id(function))["Role"]
    sts = boto3.Session(scene.aws.access_key_id, scene.aws.secret_access_key, region_name=REGION).client(
        "sts", endpoint_url=scene.aws.endpoint_url
    )
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], region_name=REGION
    )
