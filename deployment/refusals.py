"""Which changes are refused, and why.

The rules, in this order, for a DB instance, a KMS key or a DB subnet group, wherever in the stacks it is:

1. A nested stack that holds one is not removed or made anew.
2. None is removed, except a read replica: lowering `ReplicaCount` is how one is given up, and the data are elsewhere.
3. None whose fate CloudFormation cannot tell is touched.
4. None is replaced. CloudFormation's "True" and "Conditional" both count, unless every property that it suspects is
   proven to keep its value (`blueprints`), or interrupts the instance at most.

A parameter group or a secret may be replaced: the instance then is given the new one, and loses nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deployment.blueprints import Blueprint, Fate, Standing
from deployment.changes import NESTED_STACK, Action, Cause, Change, Recreation, Replacement, StackPath

INSTANCE = "AWS::RDS::DBInstance"
GUARDED = {INSTANCE: "instance", "AWS::KMS::Key": "key", "AWS::RDS::DBSubnetGroup": "subnet group"}
REPLICA = "Replica"
"""How the logical ids of read replicas begin."""

INTERRUPTION_ONLY = {
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "DBParameterGroupName",
    "MultiAZ",
    "PreferredMaintenanceWindow",
}
"""Properties of an instance whose registry schema says "Conditionally", and whose page in the CloudFormation template
reference (AWS::RDS::DBInstance, "Update requires") says that nothing worse than an interruption can follow."""

_UNTOUCHED = {Action.ADD, Action.IMPORT, Action.SYNC}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that is not made.

    Args:
        name: The resource with the nested stacks that lead to it.
        kind: What it is, in words.
        why: What would happen to it, and because of what.
    """

    name: str
    kind: str
    why: str

    def __str__(self) -> str:
        """Return the refusal in words."""
        return f"{self.name} ({self.kind}) {self.why}"


def kind_of(resource_type: str) -> str:
    """Return what a guarded type is called, empty for any other type."""
    return GUARDED.get(resource_type, "")


def is_replica(resource_type: str, logical_id: str) -> bool:
    """Tell whether a resource is a read replica: a copy, which may be given up."""
    return resource_type == INSTANCE and logical_id.startswith(REPLICA)


def suspects(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the guarded resources that CloudFormation calls replaced, or perhaps replaced."""
    return tuple(change for change in changes if kind_of(change.resource_type) and _is_suspected(change))


def decide_refusals(changes: Iterable[Change], root: Blueprint | None = None) -> tuple[Refusal, ...]:
    """Return what has to be refused, by name.

    Args:
        changes: Every change of the root stack and of the stacks nested in it.
        root: The templates before and after; without them nothing that is suspected can be cleared.
    """
    verdicts = Verdicts(changes, root)
    return tuple(sorted(verdicts.refusals(), key=lambda refusal: refusal.name))


class Verdicts:
    """Judges every change with all the others in view.

    Args:
        changes: Every change.
        root: The templates before and after.
    """

    def __init__(self, changes: Iterable[Change], root: Blueprint | None = None) -> None:
        self._changes = {(change.stack, change.logical_id): change for change in changes}
        self._standing = Standing(root, self.fate) if root else None

    def refusals(self) -> Iterator[Refusal]:
        """Yield what has to be refused."""
        for change in self._changes.values():
            if change.resource_type == NESTED_STACK:
                yield from self._of_nested_stack(change)
            elif kind := kind_of(change.resource_type):
                yield from (Refusal(change.name, kind, why) for why in self._reasons(change))

    def fate(self, stack: StackPath, logical_id: str) -> Fate:
        """Return what becomes of a resource."""
        change = self._changes.get((stack, logical_id))
        if change is None or change.action is Action.SYNC:
            return Fate.STAYS
        if change.action is Action.MODIFY and not self.replacing(change):
            return Fate.CHANGES
        return Fate.MOVES

    def replacing(self, change: Change) -> tuple[Cause, ...]:
        """Return the causes that make a modified resource anew; empty where it stays the one it is."""
        if not _is_suspected(change):
            return ()
        return tuple(cause for cause in change.recreating or (Cause(""),) if not self._is_harmless(change, cause))

    def _is_harmless(self, change: Change, cause: Cause) -> bool:
        interrupts = change.resource_type == INSTANCE and cause.property in INTERRUPTION_ONLY
        if interrupts and cause.recreation is Recreation.CONDITIONALLY:
            return True
        if self._standing is None or not cause.property:
            return False
        return self._standing.property_stands(change.stack, change.logical_id, cause.property)

    def _of_nested_stack(self, change: Change) -> Iterator[Refusal]:
        lost = [content for content in change.contents if _is_kept(content.resource_type, content.logical_id)]
        goes = change.action in {Action.REMOVE, Action.DYNAMIC} or self.replacing(change)
        if goes and lost:
            names = ", ".join(f"{content.logical_id} ({kind_of(content.resource_type)})" for content in lost)
            yield Refusal(change.name, "nested stack", f"would go, and with it {names}")

    def _reasons(self, change: Change) -> Iterator[str]:
        if change.action is Action.REMOVE:
            if _is_kept(change.resource_type, change.logical_id):
                yield "would be removed from its stack"
        elif change.action is Action.MODIFY:
            if causes := self.replacing(change):
                yield _in_words(change.replacement, causes)
        elif change.action not in _UNTOUCHED:
            yield "would be changed in a way that CloudFormation cannot tell beforehand"


def _is_suspected(change: Change) -> bool:
    return change.action is Action.MODIFY and change.replacement is not Replacement.NO


def _is_kept(resource_type: str, logical_id: str) -> bool:
    return bool(kind_of(resource_type)) and not is_replica(resource_type, logical_id)


def _in_words(replacement: Replacement, causes: tuple[Cause, ...]) -> str:
    verb = "would" if replacement is Replacement.YES else "might"
    return f"{verb} be replaced: {'; '.join(dict.fromkeys(_cause_in_words(cause) for cause in causes))}"


def _cause_in_words(cause: Cause) -> str:
    if not cause.property:
        return "CloudFormation names no property"
    if cause.before or cause.after:
        return f"{cause.property} changes from {cause.before or 'nothing'} to {cause.after or 'nothing'}"
    return f"{cause.property} changes"
