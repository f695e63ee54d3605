"""The local CloudFormation's change sets and stack policies: replacements are said, and what is protected stays."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.gaps import change_sets, nested_stacks, stack_policies
from local.aws.gaps.change_sets import recreation
from local.aws.gaps.stack_policies import denial
from tests.emulator import call, physical_id, put_template, reasons, restored, status

type Template = dict[str, Any]

INSTANCE = "AWS::RDS::DBInstance"
PROTECT = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"ResourceType": [INSTANCE]}},
        },
    ]
}


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    with restored():
        nested_stacks.install()
        change_sets.install()
        stack_policies.install()
        yield


def _database(**properties: Any) -> Template:
    wanted = {"MasterUsername": "langpont", "Engine": "postgres", "DBInstanceClass": "db.t3.medium", **properties}
    return {"Type": INSTANCE, "Properties": wanted}


def _root(child: Template, name: str) -> str:
    properties = {"TemplateURL": put_template(name, child)}
    return json.dumps({"Resources": {"Database": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}})


def _deployed(database: Template) -> str:
    """Return the nested stack of a root that holds this database."""
    call("cloudformation", "CreateStack", StackName="root", TemplateBody=_root(_template(database), "first"))
    return physical_id("root", "Database")


def _template(database: Template) -> Template:
    return {"Resources": {"Primary": database, "Topic": {"Type": "AWS::SNS::Topic"}}}


def _change_set(child: Template) -> Template:
    body = _root(child, "second")
    names = {"StackName": "root", "ChangeSetName": "what-if"}
    call("cloudformation", "CreateChangeSet", **names, TemplateBody=body, IncludeNestedStacks=True)
    return call("cloudformation", "DescribeChangeSet", **names)


def _changes(change_set: Template) -> dict[str, Template]:
    return {change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"] for change in change_set["Changes"]}


def _nested(child: Template) -> dict[str, Template]:
    """Return the changes inside the nested stack that a change set of the root foretells."""
    link = _changes(_change_set(child))["Database"]["ChangeSetId"]
    return _changes(call("cloudformation", "DescribeChangeSet", ChangeSetName=link))


@pytest.mark.parametrize(
    ("changed", "replacement"),
    [
        ({"DBName": "other"}, "True"),
        ({"KmsKeyId": "other"}, "True"),
        ({"StorageEncrypted": True}, "True"),
        ({"DBSubnetGroupName": "other"}, "True"),
        ({"MasterUsername": "other"}, "True"),
        ({"MultiAZ": True}, "Conditional"),
        ({"DBInstanceClass": "db.t3.large"}, "False"),
        ({"AllocatedStorage": "200"}, "False"),
    ],
)
def test_replacement_inside_a_nested_stack_is_foretold(changed: Template, replacement: str) -> None:
    _deployed(_database())

    found = _nested(_template(_database(**changed)))

    assert {name: change["Replacement"] for name, change in found.items()} == {"Primary": replacement}


@pytest.mark.parametrize(
    ("resource_type", "name", "expected"),
    [
        ("AWS::KMS::Key", "Description", "Never"),
        ("AWS::KMS::Alias", "AliasName", "Always"),
        ("AWS::RDS::DBSubnetGroup", "DBSubnetGroupName", "Always"),
        ("AWS::RDS::DBSubnetGroup", "SubnetIds", "Never"),
        ("AWS::CloudFormation::Stack", "TemplateURL", "Never"),
        ("AWS::EC2::Subnet", "CidrBlock", "Always"),
    ],
)
def test_recreation_is_what_the_registry_says(resource_type: str, name: str, expected: str) -> None:
    assert recreation(resource_type, name) == expected


def test_change_sets_at_every_depth_lead_back_to_the_root() -> None:
    def nested(name: str, address: str) -> Template:
        return {"Resources": {name: {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": address}}}}

    def root(version: str, size: str) -> str:
        leaf = put_template(f"{version}-leaf", _template(_database(AllocatedStorage=size)))
        return json.dumps(nested("Middle", put_template(f"{version}-middle", nested("Leaf", leaf))))

    def followed(change_set: Template, name: str) -> Template:
        return call("cloudformation", "DescribeChangeSet", ChangeSetName=_changes(change_set)[name]["ChangeSetId"])

    call("cloudformation", "CreateStack", StackName="root", TemplateBody=root("old", "100"))
    names = {"StackName": "root", "ChangeSetName": "deep"}
    call("cloudformation", "CreateChangeSet", **names, TemplateBody=root("new", "200"), IncludeNestedStacks=True)
    top = call("cloudformation", "DescribeChangeSet", **names)

    middle = followed(top, "Middle")
    leaf = followed(middle, "Leaf")

    assert list(_changes(leaf)) == ["Primary"]
    assert leaf["ParentChangeSetId"] == middle["ChangeSetId"]
    assert leaf["RootChangeSetId"] == middle["RootChangeSetId"] == top["ChangeSetId"]


def test_what_a_condition_removes_is_a_removal() -> None:
    template = {
        "Parameters": {"Count": {"Type": "Number"}},
        "Conditions": {"HasTopic": {"Fn::Equals": [{"Ref": "Count"}, "1"]}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Condition": "HasTopic"},
            "Queue": {"Type": "AWS::SQS::Queue"},
        },
    }
    one, none = ([{"ParameterKey": "Count", "ParameterValue": count}] for count in "10")
    body = json.dumps(template)
    call("cloudformation", "CreateStack", StackName="root", TemplateBody=body, Parameters=one)
    names = {"StackName": "root", "ChangeSetName": "fewer"}
    call("cloudformation", "CreateChangeSet", **names, TemplateBody=body, Parameters=none)

    (change,) = call("cloudformation", "DescribeChangeSet", **names)["Changes"]

    assert (change["ResourceChange"]["LogicalResourceId"], change["ResourceChange"]["Action"]) == ("Topic", "Remove")


def test_executed_change_set_changes_the_nested_stack() -> None:
    nested = _deployed(_database())
    _change_set(_template(_database(AllocatedStorage="200")))

    call("cloudformation", "ExecuteChangeSet", StackName="root", ChangeSetName="what-if")

    (instance,) = call("rds", "DescribeDBInstances")["DBInstances"]
    assert instance["AllocatedStorage"] == 200
    assert status(nested) == "UPDATE_COMPLETE"
    assert call("cloudformation", "ListChangeSets", StackName=nested.split("/")[1])["Summaries"] == []


def test_deleted_change_set_takes_the_nested_ones_with_it() -> None:
    nested = _deployed(_database())
    _change_set(_template(_database(AllocatedStorage="200")))

    call("cloudformation", "DeleteChangeSet", StackName="root", ChangeSetName="what-if")

    assert call("cloudformation", "ListChangeSets", StackName=nested.split("/")[1])["Summaries"] == []


def test_policy_denies_a_replacement_in_a_nested_stack_and_all_goes_back() -> None:
    nested = _deployed(_database())
    call("cloudformation", "SetStackPolicy", StackName=nested, StackPolicyBody=json.dumps(PROTECT))
    before = physical_id(nested, "Primary")
    child = _template(_database(DBName="other"))
    child["Resources"]["Topic"]["Properties"] = {"DisplayName": "changed"}

    call("cloudformation", "UpdateStack", StackName="root", TemplateBody=_root(child, "second"))

    assert status("root") == "UPDATE_ROLLBACK_COMPLETE"
    assert "Action denied by stack policy: Statement [#2] does not allow [Update:Replace]" in reasons("root")[0]
    assert physical_id(nested, "Primary") == before


def test_policy_denies_a_removal_before_anything_is_changed() -> None:
    nested = _deployed(_database())
    call("cloudformation", "SetStackPolicy", StackName=nested, StackPolicyBody=json.dumps(PROTECT))

    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    call("cloudformation", "UpdateStack", StackName="root", TemplateBody=_root(template, "second"))

    assert status("root") == "UPDATE_ROLLBACK_COMPLETE"
    assert "[Update:Delete] for resource [LogicalResourceId/Primary]" in reasons("root")[0]
    assert len(call("rds", "DescribeDBInstances")["DBInstances"]) == 1


def test_policy_lets_through_what_it_allows() -> None:
    nested = _deployed(_database())
    call("cloudformation", "SetStackPolicy", StackName=nested, StackPolicyBody=json.dumps(PROTECT))

    body = _root(_template(_database(DBInstanceClass="db.t3.large")), "second")
    call("cloudformation", "UpdateStack", StackName="root", TemplateBody=body)

    assert status("root") == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Effect": "Allow", "Action": "Update:*", "Resource": "*"}, True),
        ({"Effect": "Allow", "Action": "Update:Modify", "Resource": "*"}, False),
        ({"Effect": "Allow", "NotAction": "Update:Delete", "Resource": "*"}, True),
        ({"Effect": "Allow", "Action": "Update:*", "NotResource": "LogicalResourceId/Prim*"}, False),
        ({"Effect": "Allow", "Action": "Update:*"}, False),
        (
            {
                "Effect": "Allow",
                "Action": "Update:*",
                "Resource": "*",
                "Condition": {"StringLike": {"ResourceType": "AWS::RDS::*"}},
            },
            True,
        ),
    ],
)
def test_policy_denies_what_no_statement_allows(statement: Template, allowed: bool) -> None:  # noqa: FBT001
    refusal = denial(json.dumps({"Statement": [statement]}), "Update:Replace", "Primary", INSTANCE)

    assert (refusal is None) is allowed


def test_protection_of_the_root_guards_what_is_nested_in_it() -> None:
    nested = _deployed(_database())
    call("cloudformation", "UpdateTerminationProtection", StackName="root", EnableTerminationProtection=True)

    for stack in ("root", nested):
        with pytest.raises(ClientError, match="TerminationProtection is enabled"):
            call("cloudformation", "DeleteStack", StackName=stack)


def test_instance_with_a_name_of_its_own_is_not_replaced() -> None:
    _deployed(_database(DBInstanceIdentifier="langpont-prod-db"))

    child = _template(_database(DBInstanceIdentifier="langpont-prod-db", DBName="other"))
    call("cloudformation", "UpdateStack", StackName="root", TemplateBody=_root(child, "second"))

    assert "cannot update a stack when a custom-named resource requires replacing" in reasons("root")[0]
    assert status("root") == "UPDATE_ROLLBACK_COMPLETE"
