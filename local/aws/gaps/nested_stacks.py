"""Nested stacks: deployed, updated, rolled back and deleted by the rules of root stacks.

The emulator has a second, smaller deployment for them: SAM templates are refused, rules, dynamic references and exports
passed over, what says Retain or Snapshot is deleted without a trace, failed deletions count as done, and nothing is
rolled back.
"""

import asyncio
import copy
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region, now_iso
from ministack.services.cloudformation import _stack_events, _stacks, engine, handlers, helpers, provisioners, stacks

TYPE = "AWS::CloudFormation::Stack"
_LETTERS = string.ascii_uppercase + string.digits
_KEPT = (
    "_resources",
    "_template",
    "_template_body",
    "_resolved_params",
    "_conditions",
    "Parameters",
    "Tags",
    "Outputs",
)

type Attributes = dict[str, str]
type Stack = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a nested stack shall be: its template, transformed, and the values for it."""

    body: str
    template: dict[str, Any]
    values: dict[str, Any]
    conditions: dict[str, bool]
    tags: list[dict[str, str]]

    def operation(self, stack: Stack) -> tuple[Any, ...]:
        """Return what the emulator's deployment takes; a failure is rolled back."""
        disable_rollback = False
        return stack["StackName"], stack["StackId"], self.template, self.values, disable_rollback, self.tags

    def fields(self) -> Stack:
        """Return the fields of a stack's record that describe its present operation."""
        return {
            "Description": self.template.get("Description", ""),
            "LastUpdatedTime": now_iso(),
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value["Value"], "NoEcho": value["NoEcho"]}
                for name, value in self.values.items()
            ],
            "Tags": self.tags,
            "_template_body": self.body,
            "_conditions": self.conditions,
        }


def install() -> None:
    """Replace the emulator's own nested deployment."""
    provisioners._RESOURCE_HANDLERS[TYPE] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }


def create(logical_id: str, properties: Mapping[str, Any], parent: str) -> tuple[str, Attributes]:
    """Create the stack; one that fails is rolled back, and then is gone, as the parent's rollback leaves it.

    Raises:
        ValueError: it could not be created; the message holds the reason of the first resource that failed.
    """
    wanted = _wanted(properties, parent)
    name = f"{parent}-{logical_id}-{''.join(secrets.choice(_LETTERS) for _ in range(12))}"
    stack = _record(name, parent, wanted)
    _stacks[name], _stack_events[stack["StackId"]] = stack, []
    _begin(stack, "CREATE_IN_PROGRESS")
    asyncio.run(stacks._deploy_stack_async(*wanted.operation(stack)))
    if stack["StackStatus"] != "CREATE_COMPLETE":
        reason = _first_failure(stack, 0)
        asyncio.run(stacks._delete_stack_async(name, stack["StackId"]))
        raise ValueError(f"Embedded stack {stack['StackId']} was not successfully created: {reason}")
    return stack["StackId"], _outputs(stack)


def update(
    stack_id: str, _old: Mapping[str, Any], new: Mapping[str, Any], parent: str, logical_id: str
) -> tuple[str, Attributes]:
    """Update the stack where something changed; one that fails is rolled back.

    Raises:
        ValueError: it could not be updated; the message holds the reason of the first resource that failed.
    """
    name = provisioners._nested_stack_lookup_name(stack_id)
    stack = _stacks.get(name)
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        return create(logical_id, new, parent)
    wanted = _wanted(new, parent)
    if handlers._stack_has_no_updates(stack, wanted.template, wanted.values, wanted.tags, tags_given=True):
        return stack["StackId"], _outputs(stack)
    previous, events = {field: copy.deepcopy(stack[field]) for field in _KEPT}, len(_stack_events[stack["StackId"]])
    stack.update(wanted.fields(), Capabilities=provisioners._inherited_capabilities(parent))
    _begin(stack, "UPDATE_IN_PROGRESS")
    asyncio.run(stacks._deploy_stack_async(*wanted.operation(stack), is_update=True, previous_stack=previous))
    if stack["StackStatus"] != "UPDATE_COMPLETE":
        reason = _first_failure(stack, events)
        raise ValueError(f"Embedded stack {stack['StackId']} was not successfully updated: {reason}")
    return stack["StackId"], _outputs(stack)


def delete(stack_id: str, _properties: Mapping[str, Any]) -> None:
    """Delete the stack by the deletion policies of its resources.

    Raises:
        ValueError: a resource could not be deleted.
    """
    name = provisioners._nested_stack_lookup_name(stack_id)
    stack = _stacks.get(name)
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        return
    events = len(_stack_events[stack["StackId"]])
    asyncio.run(stacks._delete_stack_async(name, stack["StackId"]))
    if stack["StackStatus"] == "DELETE_FAILED":
        reason = _first_failure(stack, events)
        raise ValueError(f"Embedded stack {stack['StackId']} was not successfully deleted: {reason}")


def _wanted(properties: Mapping[str, Any], parent: str) -> Wanted:
    body, error = helpers._resolve_template({"TemplateURL": [properties["TemplateURL"]]})
    if error or not body:
        raise ValueError(f"TemplateURL {properties['TemplateURL']} leads to no template")
    sent = engine._parse_template(body)
    template = engine._apply_transforms(sent)
    for version in (sent, template):
        provisioners._check_nested_stack_capabilities(parent, version)
    parameters = properties.get("Parameters") or {}
    if any(isinstance(value, list) for value in parameters.values()):
        raise ValueError("Value of property Parameters must be an object with String (or simple type) properties")
    values = engine._resolve_parameters(
        template, [{"Key": name, "Value": "" if value is None else str(value)} for name, value in parameters.items()]
    )
    conditions = engine._evaluate_conditions(template, values)
    engine.validate_template_support(template, conditions, params=values)
    given = provisioners._tag_map(properties.get("Tags")).items()
    tags = [{"Key": key, "Value": value} for key, value in given if not key.startswith("aws:")]
    return Wanted(body, template, values, conditions, tags)


def _record(name: str, parent: str, wanted: Wanted) -> Stack:
    parent_id = provisioners._cr_stack_id(parent)
    return {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:stack/{name}/{provisioners.new_uuid()}",
        "StackStatusReason": "",
        "CreationTime": now_iso(),
        "Capabilities": provisioners._inherited_capabilities(parent),
        "Outputs": [],
        "DisableRollback": False,
        "ParentId": parent_id,
        "RootId": _stacks.get(parent, {}).get("RootId", parent_id),
        "_region": get_region(),
        "_parent_stack_name": parent,
        "_resources": {},
        "_template": wanted.template,
        "_resolved_params": wanted.values,
        **wanted.fields(),
    }


def _begin(stack: Stack, status: str) -> None:
    stack["StackStatus"] = status
    stacks._add_event(stack["StackId"], stack["StackName"], stack["StackName"], TYPE, status, "", stack["StackId"])


def _first_failure(stack: Stack, since: int) -> str:
    """Return the first failure among the events from a position on, with the resource's name."""
    failures = (
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in _stack_events[stack["StackId"]][since:]
        if event["ResourceStatus"].endswith("_FAILED") and event["ResourceStatusReason"]
    )
    return next(failures, stack["StackStatus"])


def _outputs(stack: Stack) -> Attributes:
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in stack["Outputs"]}
