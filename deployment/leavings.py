"""What goes with a stack and what outlives it, as the deletion policies of its templates say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from deployment.changes import NESTED_STACK, Resource, StackPath
from deployment.refusals import INSTANCE, is_replica

type Template = Mapping[str, Any]


class Fate(StrEnum):
    """What becomes of a resource when its stack is deleted."""

    GOES = "goes"
    SNAPSHOT = "goes, after a final snapshot, which stays"
    STAYS = "stays"


_KINDS = {
    INSTANCE: "instance",
    "AWS::KMS::Key": "key",
    "AWS::SecretsManager::Secret": "secret",
    "AWS::Logs::LogGroup": "log group",
    "AWS::S3::Bucket": "bucket",
    "AWS::SQS::Queue": "queue",
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """A resource and what becomes of it."""

    resource: Resource
    fate: Fate

    def __str__(self) -> str:
        """Return it in words."""
        kind = _KINDS.get(self.resource.resource_type, self.resource.resource_type)
        name = "/".join((*self.resource.stack, self.resource.logical_id))
        return f"{kind} {name}: {self.resource.physical_id or 'not made'}"


def decide_leavings(resources: Iterable[Resource], templates: Mapping[StackPath, Template]) -> tuple[Leaving, ...]:
    """Return what becomes of each resource; nested stacks themselves are not among them.

    The rules, in this order:

    1. A read replica goes: deletion policies do not count for it (template reference, AWS::RDS::DBInstance).
    2. `Retain` and `RetainExceptOnCreate` stay, `Snapshot` leaves a snapshot, `Delete` leaves nothing.
    3. Without a policy an instance leaves a snapshot (user guide, "DeletionPolicy attribute"), anything else goes.

    Args:
        resources: Every resource of the root stack and of the nested ones.
        templates: The deployed template of each stack, by path.
    """
    return tuple(
        Leaving(resource, _fate(resource, templates.get(resource.stack, {})))
        for resource in resources
        if resource.resource_type != NESTED_STACK
    )


def in_words(leavings: Sequence[Leaving]) -> list[str]:
    """Return what goes and what stays, a line for each thing that people ask about."""
    lines = [f"{leaving.fate}: {leaving}" for leaving in leavings if leaving.fate is not Fate.GOES or _is_data(leaving)]
    others = sum(leaving.fate is Fate.GOES and not _is_data(leaving) for leaving in leavings)
    return [*sorted(lines), f"goes: {others} resources without data of their own"]


def _fate(resource: Resource, template: Template) -> Fate:
    if is_replica(resource.resource_type, resource.logical_id):
        return Fate.GOES
    policy = template.get("Resources", {}).get(resource.logical_id, {}).get("DeletionPolicy")
    if policy in {"Retain", "RetainExceptOnCreate"}:
        return Fate.STAYS
    if policy == "Snapshot" or (policy is None and resource.resource_type == INSTANCE):
        return Fate.SNAPSHOT
    return Fate.GOES


def _is_data(leaving: Leaving) -> bool:
    return leaving.resource.resource_type in {INSTANCE, "AWS::KMS::Key", "AWS::SecretsManager::Secret"}
