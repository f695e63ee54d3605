"""Reads stacks: their state, their resources and the stacks nested in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from deployment.changes import NESTED_STACK, Resource, StackPath
from deployment.errors import RefusedError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import TemplateStageType

type Kind = Literal["CREATE", "UPDATE"]

_NEVER_MADE = {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
_UNFINISHED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
_STUCK = {"UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"}


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as CloudFormation describes it.

    Args:
        name: Its name.
        identifier: Its ARN, which finds it when it is gone, too.
        status: Its state.
        protected: Whether termination protection keeps it from being deleted.
        parameters: The values of its parameters; hidden ones as asterisks.
        outputs: Its outputs.
    """

    name: str
    identifier: str
    status: str
    protected: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


def find_stack(cloudformation: "CloudFormationClient", name: str) -> Stack | None:
    """Return a stack by name or ARN; None where there is none, or only an announcement of one."""
    try:
        (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    if described["StackStatus"] == "DELETE_COMPLETE":
        return None
    return Stack(
        name=described["StackName"],
        identifier=described["StackId"],
        status=described["StackStatus"],
        protected=described.get("EnableTerminationProtection", False),
        parameters={p["ParameterKey"]: p.get("ParameterValue", "") for p in described.get("Parameters", [])},
        outputs={output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])},
    )


def stack_status(cloudformation: "CloudFormationClient", identifier: str) -> str:
    """Return the state of a stack by its ARN, which finds it when it is deleted, too."""
    return cloudformation.describe_stacks(StackName=identifier)["Stacks"][0]["StackStatus"]


def can_be_updated(status: str) -> bool:
    """Tell whether a stack in this state takes a deployment."""
    return status not in {*_NEVER_MADE, *_UNFINISHED, *_STUCK} and not status.endswith("_IN_PROGRESS")


def decide_kind(name: str, status: str | None) -> Kind:
    """Return whether a deployment creates or updates a stack.

    Args:
        name: The stack's name, for the errors.
        status: The stack's state; None where there is none.

    Raises:
        RefusedError: its state allows neither; the message says what does.
    """
    if status is None or status in _NEVER_MADE:
        return "CREATE"
    if status in _UNFINISHED:
        raise RefusedError(f"{name} is {status}: it was never finished, or not removed; `make destroy` clears it away")
    if status in _STUCK:
        raise RefusedError(
            f"{name} is {status}: mend what its events name, then `aws cloudformation continue-update-rollback "
            f"--stack-name {name}` (docs/deploying.md)"
        )
    if status.endswith("_IN_PROGRESS"):
        raise RefusedError(f"{name} is {status}: another operation is under way; wait for it")
    return "UPDATE"


def list_resources(cloudformation: "CloudFormationClient", stack: str, path: StackPath = ()) -> Iterator[Resource]:
    """Yield every resource of a stack and of the stacks nested in it.

    Args:
        cloudformation: boto3's client.
        stack: The stack's name or ARN.
        path: Where the stack is, below the root.
    """
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for found in page["StackResourceSummaries"]:
            if found["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            resource = Resource(path, found["LogicalResourceId"], found["ResourceType"], _physical_id(found))
            yield resource
            if resource.resource_type == NESTED_STACK and resource.physical_id:
                yield from list_resources(cloudformation, resource.physical_id, (*path, resource.logical_id))


def nested_stack_ids(resources: Iterable[Resource], root: str) -> dict[StackPath, str]:
    """Return the ARN of the root and of every stack nested in it, by path."""
    nested = {
        (*resource.stack, resource.logical_id): resource.physical_id
        for resource in resources
        if resource.resource_type == NESTED_STACK and resource.physical_id
    }
    return {(): root, **nested}


def read_template(
    cloudformation: "CloudFormationClient", stack: str, change_set: str = "", stage: "TemplateStageType" = "Processed"
) -> dict[str, Any]:
    """Return the template of a stack as data, or the one that a change set would give it."""
    which = {"ChangeSetName": change_set} if change_set else {}
    body: Any = cloudformation.get_template(StackName=stack, TemplateStage=stage, **which)["TemplateBody"]
    return dict(body if isinstance(body, dict) else yaml_parse(body))


def _physical_id(found: Mapping[str, Any]) -> str:
    return str(found.get("PhysicalResourceId", ""))
