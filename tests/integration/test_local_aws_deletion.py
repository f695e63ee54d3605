"""The local RDS's deletion of instances: protection holds, and a final snapshot stays with its tags."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.gaps import nested_stacks, rds_deletion, rds_instances
from tests.emulator import call, physical_id, put_template, reasons, restored, status

type Template = dict[str, Any]

DB, REPLICA = "langpont-prod-db", "langpont-prod-replica-1"
TAGS = [{"Key": "Environment", "Value": "prod"}]


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    with restored():
        rds_instances.install({})
        rds_deletion.install()
        nested_stacks.install()
        yield


def _primary(**properties: Any) -> Template:
    wanted = {
        "DBInstanceIdentifier": DB,
        "Engine": "postgres",
        "MasterUsername": "langpont",
        "CopyTagsToSnapshot": True,
        "Tags": TAGS,
        **properties,
    }
    policies = {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"}
    return {"Type": "AWS::RDS::DBInstance", **policies, "Properties": wanted}


def _replica() -> Template:
    properties = {"DBInstanceIdentifier": REPLICA, "SourceDBInstanceIdentifier": {"Ref": "PrimaryInstance"}}
    return {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Snapshot", "Properties": properties}


def _deploy(operation: str, **resources: Template) -> None:
    properties = {"TemplateURL": put_template(operation, {"Resources": resources})}
    root = {"Resources": {"DatabaseStack": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}}
    call("cloudformation", operation, StackName="root", TemplateBody=json.dumps(root))


def _instances() -> dict[str, Template]:
    found = call("rds", "DescribeDBInstances")["DBInstances"]
    return {instance["DBInstanceIdentifier"]: instance for instance in found}


def _snapshots() -> list[Template]:
    found: list[Template] = call("rds", "DescribeDBSnapshots")["DBSnapshots"]
    return found


def test_stack_with_a_protected_instance_is_not_deleted_and_says_why() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(DeletionProtection=True))

    call("cloudformation", "DeleteStack", StackName="root")

    assert status("root") == "DELETE_FAILED"
    assert "Cannot delete protected DB Instance" in reasons(physical_id("root", "DatabaseStack"))[0]
    assert list(_instances()) == [DB]
    assert _snapshots() == []


def test_stack_leaves_a_final_snapshot_with_the_instance_s_own_tags() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary())
    nested = physical_id("root", "DatabaseStack").split("/")[1]

    call("cloudformation", "DeleteStack", StackName="root")

    (snapshot,) = _snapshots()
    assert (status_of_nothing(), _instances()) == ("does not exist", {})
    assert re.fullmatch(f"{nested}-snapshot-primaryinstance-[a-z0-9]{{12}}".lower(), snapshot["DBSnapshotIdentifier"])
    assert (snapshot["SnapshotType"], snapshot["DBInstanceIdentifier"]) == ("manual", DB)
    assert snapshot["TagList"] == TAGS


def test_creation_of_the_final_snapshot_is_told_as_an_event() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary())

    call("cloudformation", "DeleteStack", StackName="root")

    (snapshot,) = _snapshots()
    events = call("rds", "DescribeEvents", SourceType="db-snapshot", SourceIdentifier=snapshot["DBSnapshotIdentifier"])
    assert "Manual snapshot created" in [event["Message"] for event in events["Events"]]


def test_stack_makes_no_snapshot_of_a_replica() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(), Replica1Instance=_replica())

    call("cloudformation", "DeleteStack", StackName="root")

    assert [snapshot["DBInstanceIdentifier"] for snapshot in _snapshots()] == [DB]


def test_replica_taken_out_of_the_stack_leaves_its_source_without_replicas() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(), Replica1Instance=_replica())

    _deploy("UpdateStack", PrimaryInstance=_primary())

    assert {name: i["ReadReplicaDBInstanceIdentifiers"] for name, i in _instances().items()} == {DB: []}


def test_protection_taken_away_by_an_update_lets_the_stack_go() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(DeletionProtection=True))
    _deploy("UpdateStack", PrimaryInstance=_primary(DeletionProtection=False))

    call("cloudformation", "DeleteStack", StackName="root")

    assert _instances() == {}


def test_replaced_instance_leaves_a_snapshot_and_a_renamed_successor() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary())

    _deploy("UpdateStack", PrimaryInstance=_primary(DBInstanceIdentifier="langpont-prod-db-2"))

    assert list(_instances()) == ["langpont-prod-db-2"]
    assert [snapshot["DBInstanceIdentifier"] for snapshot in _snapshots()] == [DB]


def test_snapshot_has_no_tags_where_the_instance_copies_none() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(CopyTagsToSnapshot=False))

    call("cloudformation", "DeleteStack", StackName="root")

    assert _snapshots()[0]["TagList"] == []


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "FinalDBSnapshotIdentifier is required"),
        ({"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "last"}, "cannot be specified when SkipFinal"),
        ({"FinalDBSnapshotIdentifier": "taken"}, "the identifier taken already exists"),
    ],
)
def test_deletion_has_to_say_what_becomes_of_the_data(parameters: dict[str, Any], words: str) -> None:
    _deploy("CreateStack", PrimaryInstance=_primary())
    call("rds", "CreateDBSnapshot", DBInstanceIdentifier=DB, DBSnapshotIdentifier="taken")

    with pytest.raises(ClientError, match=words):
        call("rds", "DeleteDBInstance", DBInstanceIdentifier=DB, **parameters)

    assert list(_instances()) == [DB]


def test_protected_instance_is_not_deleted_by_request() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(DeletionProtection=True))

    with pytest.raises(ClientError, match="Cannot delete protected DB Instance"):
        call("rds", "DeleteDBInstance", DBInstanceIdentifier=DB, SkipFinalSnapshot=True)


def test_request_makes_the_final_snapshot_it_names_and_replicas_stand_alone() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(), Replica1Instance=_replica())

    call("rds", "DeleteDBInstance", DBInstanceIdentifier=DB, FinalDBSnapshotIdentifier="last")

    assert [snapshot["DBSnapshotIdentifier"] for snapshot in _snapshots()] == ["last"]
    assert _instances()[REPLICA].get("ReadReplicaSourceDBInstanceIdentifier", "") == ""


def test_final_snapshot_of_a_replica_is_refused() -> None:
    _deploy("CreateStack", PrimaryInstance=_primary(), Replica1Instance=_replica())

    with pytest.raises(ClientError, match="when deleting a read replica"):
        call("rds", "DeleteDBInstance", DBInstanceIdentifier=REPLICA, FinalDBSnapshotIdentifier="last")


def status_of_nothing() -> str:
    """Return what CloudFormation says of the root when it is gone."""
    with pytest.raises(ClientError) as refused:
        status("root")
    return "does not exist" if "does not exist" in str(refused.value) else str(refused.value)
