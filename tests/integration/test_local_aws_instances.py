"""The local RDS's instances: which of the embedded servers an instance is reached at."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.gaps import rds_deletion, rds_instances
from local.aws.gaps.rds_instances import Endpoint
from tests.emulator import call, reasons, restored

PRIMARY, REPLICA = Endpoint("langpont-prod-db.x.rds.amazonaws.com", 15001), Endpoint("langpont-prod-replica-1.x", 15002)


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    with restored():
        rds_instances.install({"langpont-prod-db": PRIMARY, "langpont-prod-replica-1": REPLICA})
        rds_deletion.install()
        yield


def _deploy(environment: str, *replicas: str, operation: str = "CreateStack", **more: Any) -> None:
    primary = {
        "DBInstanceIdentifier": f"langpont-{environment}-db",
        "Engine": "postgres",
        "MasterUsername": "a",
        **more,
    }
    resources = {"Primary": {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Delete", "Properties": primary}}
    for name in replicas:
        properties = {
            "DBInstanceIdentifier": f"langpont-{environment}-{name}",
            "SourceDBInstanceIdentifier": {"Ref": "Primary"},
        }
        resources[name.replace("-", "")] = {"Type": "AWS::RDS::DBInstance", "Properties": properties}
    call("cloudformation", operation, StackName=environment, TemplateBody=json.dumps({"Resources": resources}))


def _ports() -> dict[str, int]:
    found = call("rds", "DescribeDBInstances")["DBInstances"]
    return {instance["DBInstanceIdentifier"]: instance["Endpoint"]["Port"] for instance in found}


def test_instance_of_the_cluster_s_name_has_its_own_endpoint() -> None:
    _deploy("prod", "replica-1")

    assert _ports() == {"langpont-prod-db": 15001, "langpont-prod-replica-1": 15002}


def test_tags_that_are_added_and_removed_leave_those_of_the_stack() -> None:
    _deploy("prod", Tags=[{"Key": "Name", "Value": "ours"}])
    (instance,) = call("rds", "DescribeDBInstances")["DBInstances"]
    arn = instance["DBInstanceArn"]

    call("rds", "AddTagsToResource", ResourceName=arn, Tags=[{"Key": "added", "Value": "by hand"}])
    _deploy("prod", operation="UpdateStack", Tags=[{"Key": "Name", "Value": "renamed"}])
    (updated,) = call("rds", "DescribeDBInstances")["DBInstances"]
    call("rds", "RemoveTagsFromResource", ResourceName=arn, TagKeys=["added"])
    (cleared,) = call("rds", "DescribeDBInstances")["DBInstances"]

    tags = [
        {tag["Key"]: tag["Value"] for tag in each["TagList"] if not tag["Key"].startswith("aws:")}
        for each in (updated, cleared)
    ]
    assert tags == [{"Name": "renamed", "added": "by hand"}, {"Name": "renamed"}]


def test_instance_of_another_name_is_played_by_the_server_of_its_kind() -> None:
    _deploy("dev", "replica-1", "replica-2")

    ports = _ports()

    assert (ports["langpont-dev-db"], ports["langpont-dev-replica-1"]) == (15001, 15002)
    assert ports["langpont-dev-replica-2"] == 5432


def test_server_that_is_in_use_plays_no_second_instance() -> None:
    _deploy("prod")

    _deploy("dev")

    assert _ports() == {"langpont-prod-db": 15001, "langpont-dev-db": 5432}


def test_server_is_free_again_when_its_instance_is_gone() -> None:
    _deploy("prod")
    call("cloudformation", "DeleteStack", StackName="prod")

    _deploy("dev")
    _deploy("dev", operation="UpdateStack", AllocatedStorage="200")

    assert _ports() == {"langpont-dev-db": 15001}


def test_second_instance_of_a_name_is_refused() -> None:
    _deploy("prod")
    template = {"Resources": {"Other": {"Type": "AWS::RDS::DBInstance", "Properties": {}}}}
    template["Resources"]["Other"]["Properties"] = {"DBInstanceIdentifier": "langpont-prod-db", "Engine": "postgres"}

    call("cloudformation", "CreateStack", StackName="second", TemplateBody=json.dumps(template))

    assert reasons("second")[0] == "DB instance already exists"
    assert _ports() == {"langpont-prod-db": 15001}
