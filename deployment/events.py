"""What happened to a stack, as CloudFormation tells it event by event."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from deployment.changes import NESTED_STACK

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_CONSEQUENCES = ("cancelled", "Embedded stack", "following resource(s) failed")


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One event.

    Args:
        identifier: Its own.
        at: When it happened.
        stack_id: The stack that it belongs to.
        logical_id: The resource, or the stack itself.
        physical_id: The resource's physical id.
        resource_type: The resource's type.
        status: The resource's new state.
        reason: Why, where CloudFormation says.
    """

    identifier: str
    at: datetime
    stack_id: str
    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    reason: str = ""

    @property
    def is_of_the_stack_itself(self) -> bool:
        """Tell whether it is about the stack, not about one of its resources."""
        return self.physical_id == self.stack_id

    def __str__(self) -> str:
        """Return the event in a line."""
        return f"{self.status:<28} {self.logical_id}{f': {self.reason}' if self.reason else ''}"


def first_failure(events: Iterable[StackEvent]) -> StackEvent | None:
    """Return the event that everything else followed from: the first failure that is no consequence of another.

    Where only consequences are left, the first of them; nothing where nothing failed.
    """
    failed = sorted((event for event in events if event.status.endswith("_FAILED")), key=lambda event: event.at)
    causes = (event for event in failed if event.reason and not _is_consequence(event))
    return next(causes, next(iter(failed), None))


def read_events(cloudformation: "CloudFormationClient", stack: str, seen: frozenset[str]) -> list[StackEvent]:
    """Return the events of a stack that are not known yet, oldest first.

    Args:
        cloudformation: boto3's client.
        stack: The stack's ARN.
        seen: Identifiers of known events; at the first of them reading ends, for the newest come first.
    """
    new: list[StackEvent] = []
    for event in _newest_first(cloudformation, stack):
        if event.identifier in seen:
            break
        new.append(event)
    return new[::-1]


def read_all_events(cloudformation: "CloudFormationClient", stack: str, since: datetime) -> Iterator[StackEvent]:
    """Yield the events of a stack and of the stacks nested in it since a time, nested ones that are gone included."""
    nested: dict[str, None] = {}
    for event in _newest_first(cloudformation, stack):
        if event.at < since:
            break
        yield event
        if event.resource_type == NESTED_STACK and event.physical_id and not event.is_of_the_stack_itself:
            nested[event.physical_id] = None
    for identifier in nested:
        yield from read_all_events(cloudformation, identifier, since)


def _newest_first(cloudformation: "CloudFormationClient", stack: str) -> Iterator[StackEvent]:
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:
            yield StackEvent(
                identifier=event["EventId"],
                at=event["Timestamp"],
                stack_id=event["StackId"],
                logical_id=event.get("LogicalResourceId", ""),
                physical_id=event.get("PhysicalResourceId", ""),
                resource_type=event.get("ResourceType", ""),
                status=event.get("ResourceStatus", ""),
                reason=event.get("ResourceStatusReason", ""),
            )


def _is_consequence(event: StackEvent) -> bool:
    return any(words in event.reason for words in _CONSEQUENCES)
