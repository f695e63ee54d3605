"""What a deployment would do, and whether it may."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deployment.blueprints import Blueprint
from deployment.change_sets import ChangeSet, ChangeSets, Proposal, decide_parameters
from deployment.changes import NESTED_STACK, Change, Resource, StackPath
from deployment.place import Place
from deployment.refusals import Refusal, decide_refusals, suspects
from deployment.samconfig import Target
from deployment.stacks import (
    Kind,
    Stack,
    decide_kind,
    find_stack,
    list_resources,
    nested_stack_ids,
    read_template,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a deployment would do.

    Args:
        kind: Whether the stack is made or updated.
        changes: Every change, nested stacks included; none where there is nothing to do.
        refusals: What is not done.
        change_set: The change set that would do it; None where there is nothing to do.
        before: The stack as it is; None where there is none.
    """

    kind: Kind
    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    change_set: ChangeSet | None = None
    before: Stack | None = None


def make_plan(target: Target, place: Place, template_url: str) -> Plan:
    """Make a change set and judge it.

    Args:
        target: What to deploy to.
        place: Where that is.
        template_url: The packaged root template.

    Raises:
        RefusedError: the stack is in a state that allows no deployment.
        DeploymentError: the change set could not be made.
    """
    cloudformation = place.cloudformation
    stack = find_stack(cloudformation, target.stack_name)
    kind = decide_kind(target.stack_name, stack.status if stack else None)
    summary = cloudformation.get_template_summary(TemplateURL=template_url)
    declared = [parameter["ParameterKey"] for parameter in summary["Parameters"]]
    deployed = stack.parameters if stack and kind == "UPDATE" else {}
    proposal = Proposal(
        name=f"make-deploy-{time.time_ns()}",
        kind=kind,
        template_url=template_url,
        parameters=decide_parameters(declared, target.parameters, deployed),
    )
    change_set = ChangeSets(cloudformation, place.poll_seconds).make(target, proposal)
    if change_set is None:
        return Plan(kind, before=stack)
    if stack is None or kind == "CREATE":
        return Plan(kind, change_set.changes, (), change_set)
    resources = list(list_resources(cloudformation, stack.identifier))
    changes = tuple(with_contents(change, resources) for change in change_set.changes)
    root = read_blueprint(place, stack, change_set, resources) if suspects(changes) else None
    return Plan(kind, changes, decide_refusals(changes, root), change_set, stack)


def with_contents(change: Change, resources: Sequence[Resource]) -> Change:
    """Return a nested stack's change with what is in that stack, any other change as it is."""
    if change.resource_type != NESTED_STACK:
        return change
    path = (*change.stack, change.logical_id)
    inside = tuple(resource for resource in resources if resource.stack[: len(path)] == path)
    return replace(change, contents=inside)


def read_blueprint(place: Place, stack: Stack, change_set: ChangeSet, resources: Sequence[Resource]) -> Blueprint:
    """Return the templates of a stack and of the stacks nested in it, before and after a change set.

    Args:
        place: Where they are.
        stack: The root stack.
        change_set: What would be done to it.
        resources: Every resource of the root stack and of the nested ones.
    """
    cloudformation = place.cloudformation
    identifiers = nested_stack_ids(resources, stack.identifier)

    def blueprint(path: StackPath, change_set_id: str) -> Blueprint:
        inner = {
            nested[-1]: blueprint(nested, nested_id)
            for nested, nested_id in change_set.nested.items()
            if nested[:-1] == path and nested in identifiers
        }
        before = read_template(cloudformation, identifiers[path])
        after = read_template(cloudformation, identifiers[path], change_set_id)
        if path:
            return Blueprint(before, after, nested=inner)
        return Blueprint(before, after, stack.parameters, change_set.values, inner)

    return blueprint((), change_set.identifier)
