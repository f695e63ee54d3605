"""What keeps a deployed database from being replaced or deleted by a later deployment, made with or without us.

Neither a stack policy nor termination protection can be written into a template. A stack policy holds for the resources
of its own stack only, not for those of nested ones (AWS CloudFormation user guide, "Prevent updates to stack
resources"): every stack that holds something gets its own, and the root's keeps those stacks themselves.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployment.changes import Resource, StackPath
from deployment.place import Place
from deployment.refusals import is_replica, kind_of
from deployment.stacks import Stack, list_resources, nested_stack_ids

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

type Policy = dict[str, Any]
type Say = Callable[[str], None]

_REPLACE, _DELETE = "Update:Replace", "Update:Delete"


def decide_policies(resources: Iterable[Resource]) -> dict[StackPath, Policy]:
    """Return the policy of every stack that holds something to keep, by path.

    Everything may be updated; an instance, a key, a subnet group, and a nested stack that holds one, may be neither
    replaced nor deleted by an update; a read replica may be deleted, which is how one is given up, and not replaced.

    Args:
        resources: Every resource of the root stack and of the nested ones.
    """
    guarded = [resource for resource in resources if kind_of(resource.resource_type)]
    copies = [resource for resource in guarded if is_replica(resource.resource_type, resource.logical_id)]
    kept = _by_stack(place for resource in guarded if resource not in copies for place in _way_to(resource))
    replicas = _by_stack((resource.stack, resource.logical_id) for resource in copies)
    return {stack: _policy(kept.get(stack, set()), replicas.get(stack, set())) for stack in sorted({*kept, *replicas})}


def protect(place: Place, stack: Stack, say: Say) -> None:
    """Set the stack policies and the root's termination protection where they are not set already.

    Args:
        place: Where the stack is.
        stack: The root stack.
        say: Told what was set, in a line each.
    """
    cloudformation = place.cloudformation
    resources = list(list_resources(cloudformation, stack.identifier))
    identifiers = nested_stack_ids(resources, stack.identifier)
    for path, policy in decide_policies(resources).items():
        if _deployed_policy(cloudformation, identifiers[path]) != policy:
            cloudformation.set_stack_policy(StackName=identifiers[path], StackPolicyBody=json.dumps(policy))
            say(f"Stack policy: {'/'.join((stack.name, *path))} keeps {', '.join(_named(policy))}")
    if not stack.protected:
        set_termination_protection(place, stack, enabled=True)
        say(f"Termination protection: {stack.name} cannot be deleted until `make destroy` or you switch it off")


def set_termination_protection(place: Place, stack: Stack, *, enabled: bool) -> None:
    """Switch the root's termination protection; stack policies do not hold for a deletion."""
    place.cloudformation.update_termination_protection(StackName=stack.name, EnableTerminationProtection=enabled)


def _way_to(resource: Resource) -> Iterator[tuple[StackPath, str]]:
    """Yield the nested stacks that lead to a resource, and the resource, each with the stack that it is in."""
    way = (*resource.stack, resource.logical_id)
    for depth, logical_id in enumerate(way):
        yield way[:depth], logical_id


def _by_stack(places: Iterable[tuple[StackPath, str]]) -> dict[StackPath, set[str]]:
    found: dict[StackPath, set[str]] = {}
    for stack, logical_id in places:
        found.setdefault(stack, set()).add(logical_id)
    return found


def _policy(kept: set[str], replicas: set[str]) -> Policy:
    statements: list[Policy] = [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]
    for actions, names in (([_REPLACE, _DELETE], kept), ([_REPLACE], replicas)):
        if names:
            resources = [f"LogicalResourceId/{name}" for name in sorted(names)]
            statements.append({"Effect": "Deny", "Action": actions, "Principal": "*", "Resource": resources})
    return {"Statement": statements}


def _named(policy: Policy) -> list[str]:
    return [
        name.removeprefix("LogicalResourceId/")
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny"
        for name in statement["Resource"]
    ]


def _deployed_policy(cloudformation: "CloudFormationClient", stack: str) -> Policy | None:
    try:
        body = cloudformation.get_stack_policy(StackName=stack).get("StackPolicyBody", "")
        return dict(json.loads(body)) if body else None
    except (ClientError, ValueError):
        # One that cannot be read is set again.
        return None
