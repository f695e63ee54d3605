"""`make diff`, `deploy` and `destroy` on the emulator: what is refused stays, and what is deployed is protected."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from deployment.errors import DeploymentError, RefusedError
from deployment.stacks import list_resources
from tests.deployment_world import (
    STACK,
    World,
    change_sets_left,
    database,
    emulated,
    emulated_stack,
    keys,
    policy,
    root,
    stack,
)
from tests.emulator import call, physical_id

INSTANCE = "langpont-test-db"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with emulated():
        yield World(tmp_path)


@pytest.fixture
def deployed(world: World) -> World:
    world.deploy()
    return world


def _denied(name: str) -> list[tuple[list[str], list[str]]]:
    found = policy(name)
    assert found is not None
    denying = [statement for statement in found["Statement"] if statement["Effect"] == "Deny"]
    return [(statement["Action"], statement["Resource"]) for statement in denying]


def _resource_id(identifier: str = INSTANCE) -> str:
    (instance,) = call("rds", "DescribeDBInstances", DBInstanceIdentifier=identifier)["DBInstances"]
    return str(instance["DbiResourceId"])


def _snapshots() -> list[str]:
    found = call("rds", "DescribeDBSnapshots", DBInstanceIdentifier=INSTANCE, SnapshotType="manual")["DBSnapshots"]
    return [snapshot["DBSnapshotIdentifier"] for snapshot in found]


def test_first_deployment_protects_what_holds_data(world: World) -> None:
    world.deploy()

    both = ["Update:Replace", "Update:Delete"]
    assert stack()["EnableTerminationProtection"] is True
    assert _denied(STACK) == [(both, ["LogicalResourceId/DatabaseStack", "LogicalResourceId/KeysStack"])]
    assert _denied(physical_id(STACK, "KeysStack")) == [(both, ["LogicalResourceId/StorageKey"])]
    assert _denied(physical_id(STACK, "DatabaseStack")) == [
        (both, ["LogicalResourceId/PrimaryInstance"]),
        (["Update:Replace"], ["LogicalResourceId/ReplicaInstance"]),
    ]


def test_second_deployment_finds_nothing_to_do(deployed: World) -> None:
    before = deployed.said

    deployed.deploy()

    assert deployed.said.removeprefix(before).splitlines()[-1] == f"{STACK}: nothing to change"


def test_protection_that_was_taken_off_is_put_back(deployed: World) -> None:
    call("cloudformation", "UpdateTerminationProtection", StackName=STACK, EnableTerminationProtection=False)
    keys_stack = physical_id(STACK, "KeysStack")
    call("cloudformation", "SetStackPolicy", StackName=keys_stack, StackPolicyBody='{"Statement": []}')

    deployed.deploy()

    assert stack()["EnableTerminationProtection"] is True
    assert _denied(keys_stack)


def test_stack_policy_stops_what_is_deployed_without_us(deployed: World) -> None:
    database_stack = physical_id(STACK, "DatabaseStack")
    values = [
        {"ParameterKey": name, "UsePreviousValue": True} for name in ("StorageKeyArn", "Replicas", "DeletionProtection")
    ]
    other = {"ParameterKey": "DBName", "ParameterValue": "other"}
    before = _resource_id()

    call(
        "cloudformation", "UpdateStack", StackName=database_stack, UsePreviousTemplate=True, Parameters=[*values, other]
    )

    assert _resource_id() == before
    assert stack(database_stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_function_setting_is_updated_beside_the_same_instance(deployed: World) -> None:
    before = _resource_id()

    deployed.deploy(Subject="other")

    assert stack()["StackStatus"] == "UPDATE_COMPLETE"
    assert _resource_id() == before


def test_replacement_is_refused_by_name_and_changes_nothing(deployed: World) -> None:
    before = _resource_id()

    with pytest.raises(RefusedError, match=r"DatabaseStack/PrimaryInstance \(instance\) would be replaced: DBName"):
        deployed.deploy(DBName="other")

    assert _resource_id() == before
    assert stack()["StackStatus"] == "CREATE_COMPLETE"
    assert change_sets_left() == []


def test_diff_refuses_the_same_and_leaves_no_change_set(deployed: World) -> None:
    with pytest.raises(RefusedError, match=r"PrimaryInstance .*docs/replacing-the-database\.md"):
        deployed.diff(DBName="other")

    assert change_sets_left() == []


def test_database_cannot_be_given_up_for_an_existing_one(deployed: World) -> None:
    with pytest.raises(RefusedError, match=r"DatabaseStack \(nested stack\) would go, and with it PrimaryInstance"):
        deployed.deploy(Existing="another-db")

    assert _resource_id()


def test_renamed_key_is_refused_as_a_removal(deployed: World) -> None:
    renamed = keys()
    renamed["Resources"]["OtherKey"] = renamed["Resources"].pop("StorageKey")
    renamed["Outputs"]["StorageKeyArn"]["Value"] = {"Fn::GetAtt": ["OtherKey", "Arn"]}

    with pytest.raises(RefusedError, match=r"KeysStack/StorageKey \(key\) would be removed"):
        deployed.deploy(root(keys_stack=renamed))


def test_tag_on_the_key_is_deployed(deployed: World) -> None:
    deployed.deploy(root(keys_stack=keys(Tags=[{"Key": "Owner", "Value": "us"}])))

    assert stack()["StackStatus"] == "UPDATE_COMPLETE"


def test_second_zone_is_given_up_without_a_replacement(deployed: World) -> None:
    deployed.deploy(root(database(MultiAZ=True)))

    assert stack()["StackStatus"] == "UPDATE_COMPLETE"


def test_replica_is_given_up_deliberately(deployed: World) -> None:
    deployed.deploy(Replicas="0")

    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        _resource_id("langpont-test-replica-1")


def test_diff_shows_each_stack_and_changes_nothing(deployed: World) -> None:
    deployed.diff(root(database(DBInstanceClass="db.t3.large")), Subject="other")

    said = deployed.said
    assert "DisplayName" in said
    assert "DBInstanceClass" in said
    assert f"{STACK}/DatabaseStack" in said
    assert stack()["StackStatus"] == "CREATE_COMPLETE"


def test_diff_before_the_first_deployment_leaves_no_stack(world: World) -> None:
    world.diff()

    assert "3 to add" in world.said
    with pytest.raises(ClientError, match="does not exist"):
        stack()


def test_no_means_no(deployed: World) -> None:
    with pytest.raises(RefusedError, match="as you said"):
        deployed.deploy(confirm=lambda _: False, Subject="other")

    assert stack()["StackStatus"] == "CREATE_COMPLETE"
    assert change_sets_left() == []


def test_nobody_is_asked_about_nothing(deployed: World) -> None:
    def never(question: str) -> bool:
        raise AssertionError(question)

    deployed.deploy(confirm=never)


def test_unknown_parameter_is_named_with_what_there_is(world: World) -> None:
    with pytest.raises(DeploymentError, match="no parameter DatabaseName; it has DBName, Replicas"):
        world.deploy(DatabaseName="langpont")


def test_parameter_that_is_no_longer_given_keeps_its_value(deployed: World) -> None:
    deployed.deploy(Subject="other")

    deployed.deploy(Replicas="0")

    assert {p["ParameterKey"]: p["ParameterValue"] for p in stack()["Parameters"]}["Subject"] == "other"


def test_failure_names_the_first_resource_and_its_reason(deployed: World) -> None:
    policy_of_nothing = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["no arn"], "PolicyDocument": {}}}
    broken = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://s3.amazonaws.com/templates/none"},
    }

    with pytest.raises(DeploymentError, match=r"ended as UPDATE_ROLLBACK_COMPLETE: \w+ \(AWS::\S+\): .+"):
        deployed.deploy(root(Policy=policy_of_nothing, BrokenStack=broken))


def test_protected_instance_is_not_destroyed(world: World) -> None:
    world.deploy(DeletionProtection="true")

    with pytest.raises(RefusedError, match="make deploy ENV=test PARAMETERS=DeletionProtection=false"):
        world.destroy()

    assert stack()["EnableTerminationProtection"] is True


def test_protected_instance_of_a_stack_that_takes_no_deployment_has_another_way(world: World) -> None:
    world.deploy(DeletionProtection="true")
    emulated_stack()["StackStatus"] = "ROLLBACK_FAILED"

    with pytest.raises(RefusedError, match=f"--db-instance-identifier {INSTANCE} --no-deletion-protection"):
        world.destroy()


@pytest.mark.parametrize(
    ("status", "way"),
    [
        ("ROLLBACK_COMPLETE", "`make destroy` clears it away"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name langpont-rds-test"),
        ("UPDATE_IN_PROGRESS", "another operation is under way; wait for it"),
    ],
)
def test_stack_that_takes_no_deployment_is_told_with_a_way_out(deployed: World, status: str, way: str) -> None:
    emulated_stack()["StackStatus"] = status

    with pytest.raises(RefusedError, match=f"{STACK} is {status}: .*{way}"):
        deployed.deploy(Subject="other")


def test_another_name_destroys_nothing(deployed: World) -> None:
    with pytest.raises(RefusedError, match="another name was given"):
        deployed.destroy("langpont-rds-prod")

    assert stack()["EnableTerminationProtection"] is True
    assert _resource_id()


def test_destroying_keeps_the_final_snapshot_and_the_key(deployed: World) -> None:
    deployed.destroy()

    (snapshot,) = _snapshots()
    assert f"Final snapshot of {INSTANCE}: {snapshot}, available" in deployed.said
    assert "stays: key KeysStack/StorageKey: " in deployed.said
    assert (
        f"goes, after a final snapshot, which stays: instance DatabaseStack/PrimaryInstance: {INSTANCE}"
        in deployed.said
    )
    with pytest.raises(ClientError, match="does not exist"):
        stack()


def test_snapshot_that_was_there_before_is_not_taken_for_the_final_one(deployed: World) -> None:
    call("rds", "CreateDBSnapshot", DBInstanceIdentifier=INSTANCE, DBSnapshotIdentifier="zz-made-by-hand")

    deployed.destroy()

    assert f"Final snapshot of {INSTANCE}: {STACK}" in deployed.said
    assert "zz-made-by-hand" not in deployed.said


def test_destroying_twice_says_that_there_is_nothing(deployed: World) -> None:
    deployed.destroy()

    deployed.destroy()

    assert f"There is no stack {STACK}" in deployed.said
    assert len(_snapshots()) == 1


def test_deletion_without_the_final_snapshot_is_an_error(deployed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployment.instances.manual_snapshots", lambda *_: {})

    with pytest.raises(DeploymentError, match=f"{INSTANCE} left no final snapshot"):
        deployed.destroy()


def test_refused_deletion_puts_the_protection_back(world: World) -> None:
    exporting = root()
    exporting["Outputs"]["TopicArn"]["Export"] = {"Name": "topic"}
    world.deploy(exporting)
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::ImportValue": "topic"}}}
    call(
        "cloudformation", "CreateStack", StackName="importer", TemplateBody=json.dumps({"Resources": {"Topic": topic}})
    )

    with pytest.raises(ClientError, match="is imported by"):
        world.destroy()

    assert stack()["EnableTerminationProtection"] is True


def test_resources_of_nested_stacks_have_their_way(deployed: World) -> None:
    found = {(r.stack, r.logical_id) for r in list_resources(deployed.place.cloudformation, STACK)}

    assert {((), "Topic"), (("KeysStack",), "StorageKey"), (("DatabaseStack",), "PrimaryInstance")} <= found
