"""What a deployment is refused for, from examples and in generated change sets."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployment.changes import NESTED_STACK, Action, Cause, Change, Recreation, Replacement, Resource
from deployment.refusals import GUARDED, INSTANCE, decide_refusals, suspects

DATABASE = ("DatabaseStack",)
PRIMARY = Change(DATABASE, "PrimaryInstance", INSTANCE, Action.MODIFY)
RENAMED = Cause("DBName", Recreation.ALWAYS, "langpont", "other")

LOGICAL_IDS = st.sampled_from(["PrimaryInstance", "Replica1Instance", "StorageKey", "SubnetGroup", "Vpc", "Alarm"])
TYPES = st.sampled_from([*GUARDED, "AWS::EC2::VPC", "AWS::CloudWatch::Alarm", "AWS::Lambda::Function"])
CAUSES = st.builds(Cause, st.sampled_from(["DBName", "MultiAZ", "Tags", ""]), st.sampled_from(Recreation))
CHANGES = st.builds(
    Change,
    stack=st.sampled_from([(), DATABASE, ("KeysStack",)]),
    logical_id=LOGICAL_IDS,
    resource_type=TYPES,
    action=st.sampled_from(Action),
    replacement=st.sampled_from(Replacement),
    causes=st.lists(CAUSES, max_size=3).map(tuple),
)


def _refused(*changes: Change) -> list[str]:
    return [str(refusal) for refusal in decide_refusals(changes)]


def _inside(logical_id: str, resource_type: str) -> Resource:
    return Resource(DATABASE, logical_id, resource_type, logical_id.lower())


def test_replacement_of_the_instance_is_refused_with_its_property() -> None:
    refused = _refused(replace(PRIMARY, replacement=Replacement.YES, causes=(RENAMED,)))

    assert refused == [
        "DatabaseStack/PrimaryInstance (instance) would be replaced: DBName changes from langpont to other"
    ]


def test_possible_replacement_is_refused_as_well() -> None:
    cause = Cause("KmsKeyId", Recreation.ALWAYS)

    refused = _refused(replace(PRIMARY, replacement=Replacement.POSSIBLE, causes=(cause,)))

    assert refused == ["DatabaseStack/PrimaryInstance (instance) might be replaced: KmsKeyId changes"]


@pytest.mark.parametrize(("resource_type", "kind"), GUARDED.items())
def test_removal_of_what_holds_data_is_refused(resource_type: str, kind: str) -> None:
    refused = _refused(Change(DATABASE, "Thing", resource_type, Action.REMOVE))

    assert refused == [f"DatabaseStack/Thing ({kind}) would be removed from its stack"]


def test_nested_stack_that_holds_the_instance_is_not_removed() -> None:
    contents = (_inside("PrimaryInstance", INSTANCE), _inside("Alarm", "AWS::CloudWatch::Alarm"))

    refused = _refused(Change((), "DatabaseStack", NESTED_STACK, Action.REMOVE, contents=contents))

    assert refused == ["DatabaseStack (nested stack) would go, and with it PrimaryInstance (instance)"]


def test_nested_stack_without_data_may_be_removed() -> None:
    contents = (_inside("Alarm", "AWS::CloudWatch::Alarm"), _inside("ReplicaInstance", INSTANCE))

    assert _refused(Change((), "MonitoringStack", NESTED_STACK, Action.REMOVE, contents=contents)) == []


def test_replica_may_be_given_up_but_not_replaced() -> None:
    replica = Change(DATABASE, "Replica1Instance", INSTANCE, Action.REMOVE)
    zone = Cause("AvailabilityZone", Recreation.CONDITIONALLY)

    assert _refused(replica) == []
    assert _refused(replace(replica, action=Action.MODIFY, replacement=Replacement.POSSIBLE, causes=(zone,))) == [
        "DatabaseStack/Replica1Instance (instance) might be replaced: AvailabilityZone changes"
    ]


@pytest.mark.parametrize("name", ["MultiAZ", "BackupRetentionPeriod", "DBParameterGroupName"])
def test_interruption_of_the_instance_is_no_replacement(name: str) -> None:
    cause = Cause(name, Recreation.CONDITIONALLY)

    assert _refused(replace(PRIMARY, replacement=Replacement.POSSIBLE, causes=(cause,))) == []
    assert _refused(replace(PRIMARY, replacement=Replacement.POSSIBLE, causes=(cause, RENAMED)))


@pytest.mark.parametrize(
    "name", ["AvailabilityZone", "DBName", "DBSnapshotIdentifier", "Engine", "KmsKeyId", "SourceDBInstanceIdentifier"]
)
def test_other_properties_are_refused_even_where_they_replace_only_perhaps(name: str) -> None:
    cause = Cause(name, Recreation.CONDITIONALLY)

    assert _refused(replace(PRIMARY, replacement=Replacement.POSSIBLE, causes=(cause,)))


def test_replacement_without_a_named_cause_is_refused() -> None:
    assert _refused(replace(PRIMARY, replacement=Replacement.YES)) == [
        "DatabaseStack/PrimaryInstance (instance) would be replaced: CloudFormation names no property"
    ]


def test_change_that_cannot_be_told_beforehand_is_refused() -> None:
    assert _refused(replace(PRIMARY, action=Action.DYNAMIC))


def test_replacement_of_a_function_or_a_parameter_group_is_not_refused() -> None:
    others = ("AWS::Lambda::Function", "AWS::RDS::DBParameterGroup", "AWS::SecretsManager::Secret")

    changes = [
        Change((), f"Thing{number}", other, Action.MODIFY, Replacement.YES) for number, other in enumerate(others)
    ]

    assert _refused(*changes) == []


@given(st.lists(CHANGES, max_size=8, unique_by=lambda change: (change.stack, change.logical_id)), st.randoms())
def test_refusals_do_not_depend_on_the_order_of_the_changes(changes: list[Change], random: object) -> None:
    shuffled = list(changes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert decide_refusals(shuffled) == decide_refusals(changes)


@given(st.lists(CHANGES, max_size=8, unique_by=lambda change: (change.stack, change.logical_id)))
def test_what_is_only_added_or_updated_in_place_is_never_refused(changes: list[Change]) -> None:
    harmless = [
        replace(change, action=Action.MODIFY, replacement=Replacement.NO) if change.action is not Action.ADD else change
        for change in changes
    ]

    assert decide_refusals(harmless) == ()


@given(CHANGES, st.lists(CHANGES, max_size=5))
def test_no_other_change_excuses_a_removal(change: Change, others: list[Change]) -> None:
    removal = replace(change, stack=("Apart",), logical_id="Thing", resource_type=INSTANCE, action=Action.REMOVE)

    assert "Apart/Thing" in {refusal.name for refusal in decide_refusals([*others, removal])}


@given(st.lists(CHANGES, max_size=8, unique_by=lambda change: (change.stack, change.logical_id)))
def test_without_templates_every_suspect_is_refused_or_interrupts_only(changes: list[Change]) -> None:
    refused = {refusal.name for refusal in decide_refusals(changes)}

    for change in suspects(changes):
        only_interrupts = (
            change.resource_type == INSTANCE
            and bool(change.recreating)
            and all(
                cause.property == "MultiAZ" and cause.recreation is Recreation.CONDITIONALLY
                for cause in change.recreating
            )
        )
        assert (change.name in refused) is not only_interrupts
