"""What CloudFormation only supposes to change is cleared where the templates prove that it stays, and nowhere else."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployment.blueprints import Blueprint, references
from deployment.changes import NESTED_STACK, Action, Cause, Change, Recreation, Replacement, StackPath
from deployment.refusals import INSTANCE, decide_refusals

KEY = "AWS::KMS::Key"
KEYS: dict[str, Any] = {
    "Parameters": {"Tag": {"Type": "String"}},
    "Resources": {"StorageKey": {"Type": KEY, "Properties": {"Tags": [{"Ref": "Tag"}]}}},
    "Outputs": {"StorageKeyArn": {"Value": {"Fn::GetAtt": ["StorageKey", "Arn"]}}},
}
DATABASE: dict[str, Any] = {
    "Parameters": {"StorageKeyArn": {"Type": "String"}, "DBName": {"Type": "String"}},
    "Conditions": {"Encrypts": {"Fn::Not": [{"Fn::Equals": [{"Ref": "DBName"}, ""]}]}},
    "Resources": {
        "SubnetGroup": {"Type": "AWS::RDS::DBSubnetGroup", "Properties": {}},
        "PrimaryInstance": {
            "Type": INSTANCE,
            "Properties": {
                "KmsKeyId": {"Ref": "StorageKeyArn"},
                "DBName": {"Ref": "DBName"},
                "DBSubnetGroupName": {"Ref": "SubnetGroup"},
                "Timezone": {"Fn::If": ["Encrypts", "UTC", {"Ref": "AWS::NoValue"}]},
            },
        },
    },
}
ROOT: dict[str, Any] = {
    "Parameters": {"DBName": {"Type": "String"}, "DBUsername": {"Type": "String"}},
    "Resources": {
        "KeysStack": {"Type": NESTED_STACK, "Properties": {"Parameters": {"Tag": "x"}}},
        "DatabaseStack": {
            "Type": NESTED_STACK,
            "Properties": {
                "Parameters": {
                    "StorageKeyArn": {"Fn::GetAtt": ["KeysStack", "Outputs.StorageKeyArn"]},
                    "DBName": {"Fn::Sub": "${DBName}"},
                }
            },
        },
    },
}
VALUES = {"DBName": "langpont", "DBUsername": "****"}
AT: StackPath = ("DatabaseStack",)


def _suspected(*names: str) -> Change:
    causes = tuple(Cause(name, Recreation.ALWAYS) for name in names)
    return Change(AT, "PrimaryInstance", INSTANCE, Action.MODIFY, Replacement.YES, causes)


def _updated(stack: StackPath, logical_id: str, resource_type: str) -> Change:
    return Change(stack, logical_id, resource_type, Action.MODIFY)


TAGGED = (
    _updated((), "KeysStack", NESTED_STACK),
    _updated((), "DatabaseStack", NESTED_STACK),
    _updated(("KeysStack",), "StorageKey", KEY),
)


def _blueprint(**after: Any) -> Blueprint:
    """Return the templates above, unchanged but for what is given."""
    keys = Blueprint(KEYS, after.get("keys", KEYS))
    database = Blueprint(DATABASE, after.get("database", DATABASE))
    nested = {"KeysStack": keys, "DatabaseStack": database}
    return Blueprint(ROOT, after.get("root", ROOT), VALUES, after.get("values", VALUES), nested)


def _refused(blueprint: Blueprint, *changes: Change) -> bool:
    return any(refusal.name == "DatabaseStack/PrimaryInstance" for refusal in decide_refusals(changes, blueprint))


def _changed(template: dict[str, Any], value: Any, *place: str) -> dict[str, Any]:
    changed = copy.deepcopy(template)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


def test_tag_on_the_key_does_not_count_as_a_replacement_of_the_instance() -> None:
    assert not _refused(_blueprint(), _suspected("KmsKeyId", "DBSubnetGroupName", "Timezone"), *TAGGED)


def test_without_the_templates_the_same_change_is_refused() -> None:
    assert decide_refusals([_suspected("KmsKeyId"), *TAGGED])


def test_another_database_name_is_refused() -> None:
    assert _refused(_blueprint(values={**VALUES, "DBName": "other"}), _suspected("DBName"), *TAGGED)
    assert _refused(_blueprint(values={**VALUES, "DBName": "other"}), _suspected("Timezone"), *TAGGED)


def test_output_that_leads_to_another_key_is_refused() -> None:
    other = _changed(KEYS, {"Fn::GetAtt": ["BackupKey", "Arn"]}, "Outputs", "StorageKeyArn", "Value")

    assert _refused(_blueprint(keys=other), _suspected("KmsKeyId"), *TAGGED)


def test_key_that_is_made_anew_takes_the_instance_along() -> None:
    new_key = Change(("KeysStack",), "StorageKey", KEY, Action.MODIFY, Replacement.YES)

    assert _refused(_blueprint(), _suspected("KmsKeyId"), *TAGGED[:2], new_key)


def test_subnet_group_that_goes_takes_the_instance_along() -> None:
    gone = Change(AT, "SubnetGroup", "AWS::RDS::DBSubnetGroup", Action.REMOVE)

    assert _refused(_blueprint(), _suspected("DBSubnetGroupName"), gone, *TAGGED)


def test_attribute_of_something_that_changes_may_change_with_it() -> None:
    asked = _changed(
        DATABASE, {"Fn::GetAtt": ["Resolved", "Zone"]}, "Resources", "PrimaryInstance", "Properties", "Timezone"
    )
    nested = {"KeysStack": Blueprint(KEYS, KEYS), "DatabaseStack": Blueprint(asked, asked)}
    blueprint, resolved = Blueprint(ROOT, ROOT, VALUES, VALUES, nested), _updated(AT, "Resolved", "Custom::Zone")

    assert _refused(blueprint, _suspected("Timezone"), resolved, *TAGGED)
    assert not _refused(blueprint, _suspected("Timezone"), *TAGGED)


def test_property_that_is_written_otherwise_is_refused() -> None:
    literal = _changed(DATABASE, "other", "Resources", "PrimaryInstance", "Properties", "DBName")

    assert _refused(_blueprint(database=literal), _suspected("DBName"), *TAGGED)


def test_other_value_handed_down_is_refused() -> None:
    place = ("Resources", "DatabaseStack", "Properties", "Parameters", "DBName")

    assert _refused(_blueprint(root=_changed(ROOT, "other", *place)), _suspected("DBName"), *TAGGED)


def test_value_that_is_hidden_proves_nothing() -> None:
    place = ("Resources", "DatabaseStack", "Properties", "Parameters", "DBName")
    hidden = _changed(ROOT, {"Ref": "DBUsername"}, *place)
    nested = {"KeysStack": Blueprint(KEYS, KEYS), "DatabaseStack": Blueprint(DATABASE, DATABASE)}

    assert _refused(Blueprint(hidden, hidden, VALUES, VALUES, nested), _suspected("DBName"), *TAGGED)


def test_property_that_no_template_has_proves_nothing() -> None:
    assert _refused(_blueprint(), _suspected("CharacterSetName"), *TAGGED)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"Fn::Sub": "${A}-${B.Arn}-${!C}"}, [("Ref", "A"), ("Fn::GetAtt", "B.Arn")]),
        ({"Fn::Sub": ["${A}", {"A": {"Ref": "D"}}]}, [("Ref", "D")]),
        ({"Fn::If": ["C", {"Ref": "A"}, "b"]}, [("Condition", "C"), ("Ref", "A")]),
        ({"Fn::And": [{"Condition": "C"}, {"Fn::Equals": [{"Ref": "A"}, "x"]}]}, [("Condition", "C"), ("Ref", "A")]),
        ({"Fn::FindInMap": ["M", {"Ref": "A"}, "k"]}, [("Fn::FindInMap", "M"), ("Ref", "A")]),
        ({"Fn::ImportValue": "name"}, [("Fn::ImportValue", "")]),
        (["plain", 1, {"a": {"Fn::GetAtt": "B.Arn"}}], [("Fn::GetAtt", "B.Arn")]),
    ],
)
def test_references_of_an_expression_are_found(expression: Any, expected: list[tuple[str, str]]) -> None:
    assert list(references(expression)) == expected


@given(depth=st.integers(1, 6), broken=st.none() | st.integers(0, 6))
def test_value_stands_exactly_where_nothing_on_its_way_changes(depth: int, broken: int | None) -> None:
    root, changes = _chain(depth, broken if broken is not None and broken <= depth else None)

    refused = bool(decide_refusals(changes, root))

    assert refused is (broken is not None and broken <= depth)


def _chain(depth: int, broken: int | None) -> tuple[Blueprint, list[Change]]:
    """Return stacks nested in each other that hand a value down; one may hand on another (0: the root's own value)."""
    properties = {"DBName": {"Ref": "Value"}}
    inner: dict[str, Any] = {"Resources": {"PrimaryInstance": {"Type": INSTANCE, "Properties": properties}}}
    blueprint = Blueprint({**inner, "Parameters": {"Value": {}}}, {**inner, "Parameters": {"Value": {}}})
    for level in range(depth, 0, -1):
        before, after = ({"Ref": "Value"}, "another" if broken == level else {"Ref": "Value"})
        blueprint = Blueprint(_handing_down(before), _handing_down(after), nested={"Nested": blueprint})
    values = {"Value": "langpont"}
    after_values = {"Value": "other"} if broken == 0 else values
    root = Blueprint(blueprint.before, blueprint.after, values, after_values, blueprint.nested)
    path = ("Nested",) * depth
    causes = (Cause("DBName", Recreation.ALWAYS),)
    return root, [Change(path, "PrimaryInstance", INSTANCE, Action.MODIFY, Replacement.POSSIBLE, causes)]


def _handing_down(value: Any) -> dict[str, Any]:
    nested = {"Type": NESTED_STACK, "Properties": {"Parameters": {"Value": value}}}
    return {"Parameters": {"Value": {}}, "Resources": {"Nested": nested}}
