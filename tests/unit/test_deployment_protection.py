"""What a stack policy keeps, and what goes and stays when a stack is destroyed."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deployment.changes import NESTED_STACK, Resource
from deployment.leavings import decide_leavings, in_words
from deployment.protection import decide_policies
from deployment.refusals import GUARDED, INSTANCE
from local.aws.gaps.stack_policies import denial

DATABASE = ("DatabaseStack",)
REPLICA = (*DATABASE, "Replica1Stack")
KEY, GROUP, SECRET = "AWS::KMS::Key", "AWS::RDS::DBSubnetGroup", "AWS::SecretsManager::Secret"
RESOURCES = [
    Resource((), "DatabaseStack", NESTED_STACK, "stack/1"),
    Resource((), "MonitoringStack", NESTED_STACK, "stack/2"),
    Resource((), "MessagesKey", KEY, "key-1"),
    Resource((), "Topic", "AWS::SNS::Topic", "topic"),
    Resource(DATABASE, "PrimaryInstance", INSTANCE, "langpont-dev-db"),
    Resource(DATABASE, "SubnetGroup", GROUP, "group"),
    Resource(DATABASE, "MasterSecret", SECRET, "secret"),
    Resource(DATABASE, "ParameterGroup", "AWS::RDS::DBParameterGroup", "parameters"),
    Resource(DATABASE, "Replica1Stack", NESTED_STACK, "stack/3"),
    Resource(REPLICA, "ReplicaInstance", INSTANCE, "langpont-dev-replica-1"),
    Resource(("MonitoringStack",), "CpuHighAlarm", "AWS::CloudWatch::Alarm", "alarm"),
]
ANY = st.builds(
    Resource,
    stack=st.sampled_from([(), DATABASE, REPLICA]),
    logical_id=st.sampled_from(["PrimaryInstance", "ReplicaInstance", "Thing", "Other"]),
    resource_type=st.sampled_from([*GUARDED, NESTED_STACK, "AWS::SNS::Topic"]),
    physical_id=st.just("id"),
)


def _policy(resources: list[Resource], stack: tuple[str, ...]) -> str:
    return json.dumps(decide_policies(resources)[stack])


def _denied(resource: Resource, action: str, resources: list[Resource]) -> bool:
    policies = decide_policies(resources)
    if resource.stack not in policies:
        return False
    return denial(_policy(resources, resource.stack), action, resource.logical_id, resource.resource_type) is not None


def _names(action: str) -> list[str]:
    return [resource.logical_id for resource in RESOURCES if _denied(resource, action, RESOURCES)]


def test_policy_keeps_instance_keys_subnet_group_and_the_way_to_them() -> None:
    kept = ["DatabaseStack", "MessagesKey", "PrimaryInstance", "SubnetGroup"]

    assert _names("Update:Delete") == kept
    assert _names("Update:Replace") == [*kept, "ReplicaInstance"]


def test_policy_leaves_every_update_in_place_free() -> None:
    assert _names("Update:Modify") == []


def test_stack_that_holds_nothing_needs_no_policy() -> None:
    assert set(decide_policies(RESOURCES)) == {(), DATABASE, REPLICA}


@given(st.lists(ANY, max_size=8, unique_by=lambda resource: (resource.stack, resource.logical_id)))
def test_policy_denies_exactly_what_is_guarded(resources: list[Resource]) -> None:
    for resource in resources:
        guarded = resource.resource_type in GUARDED
        replica = resource.resource_type == INSTANCE and resource.logical_id.startswith("Replica")

        if resource.resource_type != NESTED_STACK:
            assert _denied(resource, "Update:Replace", resources) is guarded
            assert _denied(resource, "Update:Delete", resources) is (guarded and not replica)


def test_what_goes_and_what_stays_is_what_the_templates_say() -> None:
    policies: dict[str, dict[str, Any]] = {
        "PrimaryInstance": {"DeletionPolicy": "Snapshot"},
        "MasterSecret": {"DeletionPolicy": "Retain"},
        "SubnetGroup": {},
    }
    templates = {
        (): {"Resources": {"MessagesKey": {"DeletionPolicy": "RetainExceptOnCreate"}}},
        DATABASE: {"Resources": policies},
        REPLICA: {"Resources": {"ReplicaInstance": {"DeletionPolicy": "Snapshot"}}},
    }

    lines = in_words(decide_leavings(RESOURCES, templates))

    assert lines == [
        "goes, after a final snapshot, which stays: instance DatabaseStack/PrimaryInstance: langpont-dev-db",
        "goes: instance DatabaseStack/Replica1Stack/ReplicaInstance: langpont-dev-replica-1",
        "stays: key MessagesKey: key-1",
        "stays: secret DatabaseStack/MasterSecret: secret",
        "goes: 4 resources without data of their own",
    ]


def test_instance_without_a_policy_leaves_a_snapshot() -> None:
    primary = Resource(DATABASE, "PrimaryInstance", INSTANCE, "langpont-dev-db")

    (leaving,) = decide_leavings([primary], {DATABASE: {"Resources": {"PrimaryInstance": {}}}})

    assert str(leaving.fate) == "goes, after a final snapshot, which stays"
