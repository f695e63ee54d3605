"""Change sets are read to their last page, into every nested stack, and a failure is told by the stack that failed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from deployment.change_sets import ChangeSets, Proposal
from deployment.changes import NESTED_STACK, Action, Cause, Recreation, Replacement
from deployment.errors import DeploymentError
from deployment.refusals import INSTANCE
from deployment.samconfig import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

ARN = "arn:aws:cloudformation:ap-northeast-1:123456789012:changeSet"
ROOT_SET, NESTED_SET = f"{ARN}/root/1", f"{ARN}/nested/2"
STACK_ID = "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/langpont-rds-dev/3"
TARGET = Target("dev", "langpont-rds-dev", "ap-northeast-1", capabilities=("CAPABILITY_IAM",), tags={"team": "data"})
PROPOSAL = Proposal("make-deploy-1", "UPDATE", "https://s3/t", [{"ParameterKey": "A", "ParameterValue": "1"}])
PAGE = {"ChangeSetName": ROOT_SET, "IncludePropertyValues": True}

type Response = dict[str, Any]


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    client = boto3.client(
        "cloudformation", region_name="ap-northeast-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def _change_sets(stubber: Stubber) -> ChangeSets:
    return ChangeSets(cast("CloudFormationClient", stubber.client), poll_seconds=0)


def _change(logical_id: str, resource_type: str, **more: Any) -> Response:
    change = {"Action": "Modify", "LogicalResourceId": logical_id, "ResourceType": resource_type, **more}
    return {"Type": "Resource", "ResourceChange": change}


def _described(
    *changes: Response, change_set: str = ROOT_SET, status: str = "CREATE_COMPLETE", **more: Any
) -> Response:
    return {"ChangeSetId": change_set, "Status": status, "Changes": list(changes), **more}


def _expect_creation(stubber: Stubber, **expected: Any) -> None:
    request = {
        "StackName": "langpont-rds-dev",
        "ChangeSetName": "make-deploy-1",
        "ChangeSetType": "UPDATE",
        "TemplateURL": "https://s3/t",
        "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}],
        "Capabilities": ["CAPABILITY_IAM"],
        "IncludeNestedStacks": True,
        "Description": "make deploy of dev",
        "Tags": [{"Key": "team", "Value": "data"}],
        **expected,
    }
    stubber.add_response("create_change_set", {"Id": ROOT_SET, "StackId": STACK_ID}, request)


def _expect_end(stubber: Stubber, described: Response, change_set: str = ROOT_SET) -> None:
    stubber.add_response("describe_change_set", described, {"ChangeSetName": change_set})


def _expect_deletion(stubber: Stubber, status: str = "UPDATE_COMPLETE") -> None:
    stubber.add_response("delete_change_set", {}, {"ChangeSetName": ROOT_SET, "StackName": STACK_ID})
    stack = {"StackName": "langpont-rds-dev", "StackId": STACK_ID, "StackStatus": status, "CreationTime": "2026-11-23"}
    stubber.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": STACK_ID})


def test_every_page_and_every_nested_stack_is_read(stubber: Stubber) -> None:
    topic, nested = _change("Topic", "AWS::SNS::Topic"), _change("DatabaseStack", NESTED_STACK, ChangeSetId=NESTED_SET)
    target = {"Attribute": "Properties", "Name": "DBName", "RequiresRecreation": "Always", "BeforeValue": "langpont"}
    inner = _change("PrimaryInstance", INSTANCE, Replacement="True", Details=[{"Target": target}])
    _expect_creation(stubber)
    _expect_end(stubber, _described(status="CREATE_IN_PROGRESS"))
    _expect_end(stubber, _described(Parameters=[{"ParameterKey": "A", "ParameterValue": "1"}]))
    stubber.add_response("describe_change_set", _described(topic, NextToken="more"), PAGE)
    stubber.add_response("describe_change_set", _described(nested), {**PAGE, "NextToken": "more"})
    stubber.add_response("describe_change_set", _described(inner), {**PAGE, "ChangeSetName": NESTED_SET})

    made = _change_sets(stubber).make(TARGET, PROPOSAL)

    assert made is not None
    assert [change.name for change in made.changes] == ["Topic", "DatabaseStack", "DatabaseStack/PrimaryInstance"]
    assert made.nested == {("DatabaseStack",): NESTED_SET}
    assert made.values == {"A": "1"}
    database = made.changes[-1]
    assert (database.action, database.replacement) == (Action.MODIFY, Replacement.YES)
    assert database.causes == (Cause("DBName", Recreation.ALWAYS, "langpont"),)


def test_first_creation_does_not_look_into_nested_stacks(stubber: Stubber) -> None:
    _expect_creation(stubber, ChangeSetType="CREATE", IncludeNestedStacks=False)
    _expect_end(stubber, _described())
    stubber.add_response("describe_change_set", _described(), PAGE)

    assert _change_sets(stubber).make(TARGET, Proposal("make-deploy-1", "CREATE", "https://s3/t", PROPOSAL.parameters))


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_nothing_to_change_is_no_failure_and_leaves_no_change_set(stubber: Stubber, reason: str) -> None:
    failed = _described(status="FAILED", StatusReason=reason)
    _expect_creation(stubber)
    _expect_end(stubber, failed)
    stubber.add_response("describe_change_set", failed, PAGE)
    _expect_deletion(stubber)

    assert _change_sets(stubber).make(TARGET, PROPOSAL) is None


def test_failure_is_told_by_the_nested_stack_that_failed(stubber: Stubber) -> None:
    unchanged = _described(change_set=f"{ARN}/keys/4", status="FAILED", StatusReason="No updates are to be performed.")
    failed = _described(
        change_set=NESTED_SET, status="FAILED", StatusReason="Fn::Select cannot select nonexistent value"
    )
    root = _described(
        _change("KeysStack", NESTED_STACK, ChangeSetId=f"{ARN}/keys/4"),
        _change("DatabaseStack", NESTED_STACK, ChangeSetId=NESTED_SET),
        status="FAILED",
        StatusReason=f"Nested change set {NESTED_SET} was not successfully created: Currently in FAILED.",
    )
    _expect_creation(stubber)
    _expect_end(stubber, root)
    stubber.add_response("describe_change_set", root, PAGE)
    for nested in (unchanged, failed):
        # One may still be in the making when the root has failed.
        _expect_end(stubber, {**nested, "Status": "CREATE_IN_PROGRESS"}, nested["ChangeSetId"])
        _expect_end(stubber, nested, nested["ChangeSetId"])
        stubber.add_response("describe_change_set", nested, {**PAGE, "ChangeSetName": nested["ChangeSetId"]})
    _expect_deletion(stubber)

    with pytest.raises(DeploymentError, match="could not make the change set: DatabaseStack: Fn::Select cannot select"):
        _change_sets(stubber).make(TARGET, PROPOSAL)


def test_announcement_of_a_stack_goes_with_its_change_set(stubber: Stubber) -> None:
    _expect_deletion(stubber, "REVIEW_IN_PROGRESS")
    stubber.add_response("delete_stack", {}, {"StackName": STACK_ID})

    _change_sets(stubber).delete(ROOT_SET, STACK_ID)
