"""Stack policies and termination protection: the emulator keeps both, and asks neither about what is nested.

CloudFormation user guide, "Prevent updates to stack resources": with a policy every update is denied that no statement
allows; a policy says nothing about deleting the stack.
"""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ministack.services.cloudformation import _stacks, changesets, engine, handlers, helpers, provisioners, stacks

from local.aws.gaps.change_sets import recreation

MODIFY, REPLACE, DELETE = "Update:Modify", "Update:Replace", "Update:Delete"
_FIELDS = {"Action": "action", "Resource": "resource"}

type Parameters = dict[str, Any]
type Response = tuple[int, dict[str, str], bytes]
type Stack = dict[str, Any]


def install() -> None:
    """Ask the policy before each update of a resource, and the root's protection before each deletion of a stack."""
    actions = handlers._ACTION_HANDLERS
    actions["DeleteStack"] = _unless_protected(actions["DeleteStack"])
    stacks._update_resource = _if_allowed(stacks._update_resource)
    deploy = _without_denied_deletion(stacks._deploy_stack_async)
    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = deploy


def denial(policy: str, action: str, logical_id: str, resource_type: str) -> str | None:
    """Return why a stack policy denies an update of a resource, or None where it allows it.

    Args:
        policy: The policy as JSON; empty for none, which allows everything.
        action: Update:Modify, Update:Replace or Update:Delete.
        logical_id: The resource's name in the template.
        resource_type: Its type, which conditions may ask for.
    """
    if not policy:
        return None
    resource = f"LogicalResourceId/{logical_id}"
    asked = {"action": action, "resource": resource, "type": resource_type}
    applying = [
        (number, statement["Effect"])
        for number, statement in enumerate(json.loads(policy)["Statement"], 1)
        if _applies(statement, asked)
    ]
    denying = [number for number, effect in applying if effect == "Deny"]
    if denying:
        what = f"Statement [#{denying[0]}] does not allow [{action}] for resource [{resource}]"
        return f"Action denied by stack policy: {what}"
    if not applying:
        return f"Action not allowed by stack policy: [{action}] for resource [{resource}]"
    return None


def replaces(resource_type: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Tell whether an update from old to new properties replaces the resource."""
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    always = any(recreation(resource_type, name) == "Always" for name in changed)
    return always or bool(provisioners._requires_replacement(resource_type, old, new))


def _if_allowed(update: Any) -> Any:
    def update_if_allowed(
        resource_type: str, physical_id: str, old: Any, new: Any, stack: str, logical_id: str, *rest: Any
    ) -> Any:
        # Not on the way back: a rollback restores what the policy protects.
        if old != new and _stacks[stack]["StackStatus"] == "UPDATE_IN_PROGRESS":
            action = REPLACE if replaces(resource_type, old, new) else MODIFY
            if refusal := denial(_policy(stack), action, logical_id, resource_type):
                raise ValueError(refusal)
        return update(resource_type, physical_id, old, new, stack, logical_id, *rest)

    return update_if_allowed


def _without_denied_deletion(deploy: Any) -> Any:
    async def deploy_if_allowed(name: str, stack_id: str, template: Any, values: Any, *rest: Any, **named: Any) -> None:
        previous, kept = named.get("previous_stack") or {}, _present(template, values)
        for logical_id, resource in previous.get("_resources", {}).items():
            refusal = denial(_policy(name), DELETE, logical_id, resource["ResourceType"])
            if logical_id not in kept and refusal:
                await _refuse(name, previous, (logical_id, resource, refusal))
                return
        await deploy(name, stack_id, template, values, *rest, **named)

    return deploy_if_allowed


def _unless_protected(delete: Any) -> Any:
    def delete_if_unprotected(parameters: Parameters) -> Response:
        stack = handlers._resolve_stack(helpers._p(parameters, "StackName"))
        if stack and _root_of(stack).get("EnableTerminationProtection"):
            message = f"Stack [{stack['StackId']}] cannot be deleted while TerminationProtection is enabled"
            refused: Response = helpers._error("ValidationError", message)
            return refused
        response: Response = delete(parameters)
        return response

    return delete_if_unprotected


def _applies(statement: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    for field, key in _FIELDS.items():
        if field in statement and not _matches(statement[field], asked[key]):
            return False
        if f"Not{field}" in statement and _matches(statement[f"Not{field}"], asked[key]):
            return False
    types = [
        pattern
        for condition in statement.get("Condition", {}).values()
        for pattern in _listed(condition.get("ResourceType", []))
    ]
    # Without a resource a statement matches nothing.
    named = "Resource" in statement or "NotResource" in statement
    return named and (not types or _matches(types, asked["type"]))


def _matches(patterns: str | Sequence[str], value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in _listed(patterns))


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _policy(stack: str) -> str:
    return str(_stacks[stack].get("_stack_policy") or "")


def _present(template: Mapping[str, Any], values: Mapping[str, Any]) -> set[str]:
    """Return the resources that the template makes with these values."""
    conditions = engine._evaluate_conditions(template, values)
    found = template.get("Resources", {}).items()
    return {logical_id for logical_id, resource in found if conditions.get(resource.get("Condition"), True)}


async def _refuse(name: str, previous: Stack, failed: tuple[str, Mapping[str, Any], str]) -> None:
    """End the update before it began, as the engine ends one that failed."""
    stack, (logical_id, resource, reason) = _stacks[name], failed
    resource_type, stack_id = resource["ResourceType"], stack["StackId"]
    stacks._add_event(stack_id, name, logical_id, resource_type, "UPDATE_FAILED", reason)
    attempt = (logical_id, resource_type, resource["PhysicalResourceId"], None, None, None)
    operation = stacks._failed_operation(
        is_update=True,
        previous_stack=previous,
        created=[],
        failed_update=attempt,
        failed_logical_id=logical_id,
        replaced_ids=[],
        cancelled=False,
        template={},
        param_values=stack.get("_resolved_params", {}),
        retain_except_on_create=False,
        stack_tags=[],
        previous_tags=[],
    )
    await stacks._roll_back_operation(name, stack_id, stack, operation)


def _root_of(stack: Stack) -> Stack:
    while parent := _stacks.get(stack.get("_parent_stack_name", "")):
        stack = parent
    return stack
