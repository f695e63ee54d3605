"""Makes, reads, executes and deletes change sets: the root stack's, and with it those of the nested stacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from deployment.changes import Action, Cause, Change, Recreation, Replacement, StackPath
from deployment.errors import DeploymentError
from deployment.samconfig import Target
from deployment.stacks import Kind, find_stack
from deployment.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetInputTypeDef,
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
    )

DEADLINE_SECONDS = 900.0
_UNDER_WAY = {"CREATE_PENDING", "CREATE_IN_PROGRESS"}
_NOTHING = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a change set is made of.

    Args:
        name: The change set's name.
        kind: Whether the stack is made or updated.
        template_url: The root template.
        parameters: Its parameters, as `decide_parameters` returns them.
    """

    name: str
    kind: Kind
    template_url: str
    parameters: Sequence["ParameterTypeDef"]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that has been made.

    Args:
        identifier: Its ARN.
        stack_id: The root stack's ARN.
        changes: What it would do, nested stacks included.
        nested: The nested change sets' ARNs, by the path of their stacks.
        values: The values of the root's parameters afterwards.
    """

    identifier: str
    stack_id: str
    changes: tuple[Change, ...]
    nested: Mapping[StackPath, str]
    values: Mapping[str, str]


def decide_parameters(
    declared: Sequence[str], given: Mapping[str, str], deployed: Mapping[str, str]
) -> list["ParameterTypeDef"]:
    """Return a deployment's parameters, as `sam deploy` has them.

    What is given has its value; of the others, those that the stack has keep theirs, and those that are new to it have
    the template's default.

    Args:
        declared: The template's parameters.
        given: The values that the environment gives.
        deployed: The values that the stack has; empty for a new one.

    Raises:
        DeploymentError: a parameter is given that the template has not.
    """
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise DeploymentError(f"the template has no parameter {', '.join(unknown)}; it has {', '.join(declared)}")
    parameters: list[ParameterTypeDef] = []
    for name in declared:
        if name in given:
            parameters.append({"ParameterKey": name, "ParameterValue": given[name]})
        elif name in deployed:
            parameters.append({"ParameterKey": name, "UsePreviousValue": True})
    return parameters


class ChangeSets:
    """The change sets of one environment.

    Args:
        cloudformation: boto3's client.
        poll_seconds: The pause between two questions while one is being made.
    """

    def __init__(self, cloudformation: "CloudFormationClient", poll_seconds: float) -> None:
        self._cloudformation = cloudformation
        self._poll_seconds = poll_seconds

    def make(self, target: Target, proposal: Proposal) -> ChangeSet | None:
        """Make a change set and read it; None where there is nothing to change.

        Nested stacks are looked into where there is something to lose: in an update. In a creation CloudFormation
        would have to check values that no other stack has given yet.

        Raises:
            DeploymentError: CloudFormation could not make it; the message holds the reason, a nested stack's where it
                is one of theirs.
        """
        made = self._cloudformation.create_change_set(**_request(target, proposal))
        described = self._finished(made["Id"])
        if described["Status"] != "CREATE_COMPLETE":
            reason = self._reason(described)
            self.delete(made["Id"], made["StackId"])
            if any(words in reason for words in _NOTHING):
                return None
            raise DeploymentError(f"CloudFormation could not make the change set: {reason}")
        nested: dict[StackPath, str] = {}
        changes = tuple(self._read(made["Id"], (), nested))
        values = {p["ParameterKey"]: p.get("ParameterValue", "") for p in described.get("Parameters", [])}
        return ChangeSet(made["Id"], made["StackId"], changes, nested, values)

    def execute(self, change_set: ChangeSet, *, keeps_failures: bool = False) -> None:
        """Begin to do what the change set says.

        Args:
            change_set: Which.
            keeps_failures: Whether what fails is left as it is instead of rolled back.
        """
        self._cloudformation.execute_change_set(ChangeSetName=change_set.identifier, DisableRollback=keeps_failures)

    def delete(self, change_set: str, stack: str) -> None:
        """Delete a change set and its nested ones, and the announcement of a stack that it alone had made.

        Args:
            change_set: Its ARN.
            stack: The root stack's ARN.
        """
        self._cloudformation.delete_change_set(ChangeSetName=change_set, StackName=stack)
        found = find_stack(self._cloudformation, stack)
        if found and found.status == "REVIEW_IN_PROGRESS":
            self._cloudformation.delete_stack(StackName=stack)

    def _read(self, change_set: str, stack: StackPath, nested: dict[StackPath, str]) -> Iterator[Change]:
        for page in self._pages(change_set):
            for change in (entry["ResourceChange"] for entry in page["Changes"] if "ResourceChange" in entry):
                yield _change(stack, change)
                inner = (*stack, change["LogicalResourceId"])
                if change_set_id := change.get("ChangeSetId"):
                    nested[inner] = change_set_id
                    yield from self._read(change_set_id, inner, nested)

    def _pages(self, change_set: str) -> Iterator["DescribeChangeSetOutputTypeDef"]:
        yield from self._cloudformation.get_paginator("describe_change_set").paginate(
            ChangeSetName=change_set, IncludePropertyValues=True
        )

    def _finished(self, change_set: str) -> "DescribeChangeSetOutputTypeDef":
        def ended() -> "DescribeChangeSetOutputTypeDef | None":
            described = self._cloudformation.describe_change_set(ChangeSetName=change_set)
            return None if described["Status"] in _UNDER_WAY else described

        return wait_for("the change set", ended, deadline_seconds=DEADLINE_SECONDS, poll_seconds=self._poll_seconds)

    def _reason(self, described: "DescribeChangeSetOutputTypeDef") -> str:
        """Return why a change set failed; where it only points to a nested one, that one's reason."""
        for page in self._pages(described["ChangeSetId"]):
            for change in (entry.get("ResourceChange", {}) for entry in page.get("Changes", [])):
                reason = self._nested_reason(change.get("ChangeSetId", ""))
                if reason:
                    return f"{change['LogicalResourceId']}: {reason}"
        return described.get("StatusReason") or "it gave no reason"

    def _nested_reason(self, change_set: str) -> str:
        """Return why a nested change set failed; empty where it did not, or has nothing to change."""
        if not change_set:
            return ""
        described = self._finished(change_set)
        reason = self._reason(described) if described["Status"] == "FAILED" else ""
        return "" if any(words in reason for words in _NOTHING) else reason


def _request(target: Target, proposal: Proposal) -> "CreateChangeSetInputTypeDef":
    request: CreateChangeSetInputTypeDef = {
        "StackName": target.stack_name,
        "ChangeSetName": proposal.name,
        "ChangeSetType": proposal.kind,
        "TemplateURL": proposal.template_url,
        "Parameters": list(proposal.parameters),
        "Capabilities": cast("list[CapabilityType]", list(target.capabilities)),
        "IncludeNestedStacks": proposal.kind == "UPDATE",
        "Description": f"make deploy of {target.environment}",
    }
    if target.tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in target.tags.items()]
    if target.role_arn:
        request["RoleARN"] = target.role_arn
    return request


def _change(stack: StackPath, change: "ResourceChangeTypeDef") -> Change:
    return Change(
        stack=stack,
        logical_id=change["LogicalResourceId"],
        resource_type=change["ResourceType"],
        action=Action(change["Action"]),
        replacement=Replacement(change.get("Replacement") or Replacement.NO),
        causes=tuple(dict.fromkeys(_cause(detail) for detail in change.get("Details", []))),
    )


def _cause(detail: "ResourceChangeDetailTypeDef") -> Cause:
    target = detail.get("Target", {})
    return Cause(
        property=target.get("Name", ""),
        recreation=Recreation(target.get("RequiresRecreation") or Recreation.NEVER),
        before=target.get("BeforeValue", ""),
        after=target.get("AfterValue", ""),
    )
