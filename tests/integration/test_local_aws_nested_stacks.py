"""The local CloudFormation's nested stacks: they live and die by the rules of root stacks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import sqs
from ministack.services.cloudformation import provisioners

from local.aws.gaps import nested_stacks
from tests.emulator import call, physical_id, put_template, reasons, restored, status

QUEUE = {"Type": "AWS::SQS::Queue"}


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    with restored():
        nested_stacks.install()
        yield


def _root(child: dict[str, Any], name: str = "child", **parameters: Any) -> str:
    properties = {"TemplateURL": put_template(name, child), "Parameters": parameters}
    return json.dumps({"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}})


def _create(child: dict[str, Any], **parameters: Any) -> None:
    call("cloudformation", "CreateStack", StackName="root", TemplateBody=_root(child, **parameters))


def _update(child: dict[str, Any], **parameters: Any) -> None:
    body = _root(child, "changed", **parameters)
    call("cloudformation", "UpdateStack", StackName="root", TemplateBody=body)


def test_outputs_reach_the_parent_and_exports_reach_everyone() -> None:
    name = {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}, "Export": {"Name": "the-queue"}}
    _create({"Resources": {"Queue": QUEUE}, "Outputs": {"Name": name}})

    exports = call("cloudformation", "ListExports")["Exports"]

    assert status("root") == "CREATE_COMPLETE"
    assert [(export["Name"], export["Value"]) for export in exports] == [
        ("the-queue", physical_id(physical_id("root", "Child"), "Queue").rsplit("/", 1)[-1])
    ]


def test_dynamic_references_are_resolved() -> None:
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "s", "SecretString": '{"name": "found"}'}}
    named = {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:name}}"}
    _create({"Resources": {"Secret": secret, "Queue": {**QUEUE, "Properties": {"QueueName": named}}}})

    assert physical_id(physical_id("root", "Child"), "Queue").endswith("/found")


def test_deletion_keeps_what_is_to_be_retained_and_says_so() -> None:
    _create({"Resources": {"Kept": {**QUEUE, "DeletionPolicy": "Retain"}, "Gone": QUEUE}})
    child = physical_id("root", "Child")
    kept = physical_id(child, "Kept")

    call("cloudformation", "DeleteStack", StackName="root")

    assert status(child) == "DELETE_COMPLETE"
    assert list(sqs._queues) == [kept]
    assert len(reasons(child, "DELETE_SKIPPED")) == 1


def test_deletion_that_fails_inside_fails_the_root_in_words() -> None:
    provisioners._RESOURCE_HANDLERS["AWS::SQS::Queue"]["delete"] = _refuse
    _create({"Resources": {"Queue": QUEUE}})

    call("cloudformation", "DeleteStack", StackName="root")

    assert status("root") == "DELETE_FAILED"
    assert "Queue: it is protected" in reasons("root")[0]


def test_creation_that_fails_leaves_nothing_behind_and_names_its_cause() -> None:
    bad = {"Type": "AWS::CloudWatch::Alarm", "Properties": {}, "DependsOn": "Queue"}

    _create({"Resources": {"Queue": QUEUE, "Bad": bad}})

    assert status("root") == "ROLLBACK_COMPLETE"
    assert "Bad: MetricName and Namespace are required" in reasons("root")[0]
    assert list(sqs._queues) == []
    found = call("cloudformation", "ListStacks")["StackSummaries"]
    assert {s["StackStatus"] for s in found if s["StackName"].startswith("root-Child")} == {"DELETE_COMPLETE"}


def test_update_that_fails_goes_back_to_what_was() -> None:
    limited = {"Resources": {"Queue": {**QUEUE, "Properties": {"DelaySeconds": 1}}}}
    _create(limited)
    bad = {"Type": "AWS::CloudWatch::Alarm", "Properties": {}, "DependsOn": "Queue"}

    _update({"Resources": {"Queue": {**QUEUE, "Properties": {"DelaySeconds": 2}}, "Bad": bad}})

    (queue,) = sqs._queues.values()
    assert status("root") == "UPDATE_ROLLBACK_COMPLETE"
    assert status(physical_id("root", "Child")) == "UPDATE_ROLLBACK_COMPLETE"
    assert queue["attributes"]["DelaySeconds"] == "1"


def test_update_keeps_the_stack_and_its_policy() -> None:
    _create({"Resources": {"Queue": QUEUE}})
    child = physical_id("root", "Child")
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "Update:*", "Resource": "*", "Principal": "*"}]})
    call("cloudformation", "SetStackPolicy", StackName=child, StackPolicyBody=policy)

    _update({"Resources": {"Queue": QUEUE, "Other": QUEUE}})

    assert physical_id("root", "Child") == child
    assert call("cloudformation", "GetStackPolicy", StackName=child)["StackPolicyBody"] == policy


def test_rule_of_a_nested_template_refuses_in_its_own_words() -> None:
    retention = {"Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Days"}, "0"]}]}, "AssertDescription": "Keep a day."}
    child = {
        "Parameters": {"Days": {"Type": "Number"}},
        "Rules": {"KeepsBackups": {"Assertions": [retention]}},
        "Resources": {"Queue": QUEUE},
    }

    _create(child, Days="0")

    assert status("root") == "ROLLBACK_COMPLETE"
    assert "rule KeepsBackups failed: Keep a day." in reasons("root")[0]


def test_list_as_a_parameter_is_refused_as_on_aws() -> None:
    child = {"Parameters": {"Names": {"Type": "CommaDelimitedList"}}, "Resources": {"Queue": QUEUE}}

    _create(child, Names=["a", "b"])

    assert "must be an object with String" in reasons("root")[0]


def test_rule_of_the_root_is_asked_before_anything_is_created() -> None:
    subnets = {"Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Subnets"}, ""]}]}, "AssertDescription": "Name subnets."}
    template = {
        "Parameters": {"Vpc": {"Type": "String", "Default": ""}, "Subnets": {"Type": "String", "Default": ""}},
        "Rules": {
            "Own": {
                "RuleCondition": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Vpc"}, ""]}]},
                "Assertions": [subnets],
            }
        },
        "Resources": {"Queue": QUEUE},
    }

    with pytest.raises(ClientError, match="Name subnets"):
        call(
            "cloudformation",
            "CreateStack",
            StackName="root",
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": "Vpc", "ParameterValue": "vpc-1"}],
        )

    assert list(sqs._queues) == []


def _refuse(*_arguments: Any) -> None:
    raise ValueError("it is protected")
