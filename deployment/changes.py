"""What CloudFormation would do to a stack and the stacks nested in it, as a change set tells it."""

from dataclasses import dataclass
from enum import StrEnum

NESTED_STACK = "AWS::CloudFormation::Stack"

type StackPath = tuple[str, ...]
"""Where a stack is: the logical ids of the nested stacks that lead to it from the root, whose own path is empty."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that is there.

    Args:
        stack: The stack that it belongs to.
        logical_id: Its name in the template.
        resource_type: Its type.
        physical_id: What AWS calls it.
    """

    stack: StackPath
    logical_id: str
    resource_type: str
    physical_id: str


class Action(StrEnum):
    """What happens to a resource (CloudFormation API reference, ResourceChange: Action)."""

    ADD = "Add"
    MODIFY = "Modify"
    REMOVE = "Remove"
    IMPORT = "Import"
    DYNAMIC = "Dynamic"
    SYNC = "SyncWithActual"


class Replacement(StrEnum):
    """Whether a modified resource is made anew (CloudFormation API reference, ResourceChange: Replacement)."""

    NO = "False"
    POSSIBLE = "Conditional"
    YES = "True"


class Recreation(StrEnum):
    """What a property's change means for its resource (API reference, ResourceTargetDefinition: RequiresRecreation)."""

    NEVER = "Never"
    CONDITIONALLY = "Conditionally"
    ALWAYS = "Always"


@dataclass(frozen=True, slots=True)
class Cause:
    """One property that changes, or may change.

    Args:
        property: Its name; empty where not a property but an attribute such as the tags changes.
        recreation: What its change means for the resource.
        before: Its value now, where CloudFormation tells it.
        after: Its value afterwards, where CloudFormation tells it.
    """

    property: str
    recreation: Recreation = Recreation.NEVER
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource.

    Args:
        stack: The stack that it belongs to.
        logical_id: Its name in the template.
        resource_type: Its type.
        action: What happens to it.
        replacement: Whether it is made anew; for what is modified.
        causes: The properties that change.
        contents: What is inside, of a nested stack that is removed.
    """

    stack: StackPath
    logical_id: str
    resource_type: str
    action: Action
    replacement: Replacement = Replacement.NO
    causes: tuple[Cause, ...] = ()
    contents: tuple[Resource, ...] = ()

    @property
    def name(self) -> str:
        """Return the resource's name with the nested stacks that lead to it."""
        return "/".join((*self.stack, self.logical_id))

    @property
    def recreating(self) -> tuple[Cause, ...]:
        """Return the causes whose change can make the resource anew."""
        return tuple(cause for cause in self.causes if cause.recreation is not Recreation.NEVER)
