"""What CloudFormation asks of a custom resource, and what it is told.

A failed update is undone by another update, back to the former properties: one that fails, too, leaves the stack stuck
(`UPDATE_ROLLBACK_FAILED`). Hence `goes_back`, for resources that have nothing to do then.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import Self

LARGEST_ANSWER = 4096
"""Bytes that CloudFormation takes (CloudFormation User Guide, "Custom resource response objects")."""

_ELLIPSIS = " ..."
_LAYER_VERSION = re.compile(r"(?P<layer>arn:[^:]+:lambda:[^:]+:[^:]+:layer:[^:]+):(?P<number>[0-9]{1,18})")


class RequestType(StrEnum):
    """What becomes of the resource."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """Where the answer to one request goes, and what it has to repeat.

    Args:
        response_url: Signed for one upload: whoever has it can answer, so it is in no text of this object.
        stack_id: The stack's ARN.
        request_id: The request's own id.
        logical_id: The resource's name in the template.
        physical_id: What the resource is called from its creation on; the same in every answer, so that no update
            counts as a replacement.
    """

    response_url: str = field(repr=False)
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str


@dataclass(frozen=True, slots=True)
class CustomResourceRequest:
    """What is asked for.

    Args:
        request_type: What becomes of the resource.
        properties: Its properties in the template, every number and truth value a text.
        old_properties: Those before an update; empty otherwise.
    """

    request_type: RequestType
    properties: Mapping[str, object]
    old_properties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CustomResourceAnswer:
    """What CloudFormation is told; made by one of the two named constructors.

    Args:
        succeeded: Whether the stack's operation goes on.
        reason: A sentence; people read that of a failure among the stack's events.
        data: What `Fn::GetAtt` returns by name.
    """

    succeeded: bool
    reason: str
    data: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def success(cls, reason: str, data: Mapping[str, str] | None = None) -> Self:
        """Return the answer that lets the stack's operation go on."""
        return cls(succeeded=True, reason=reason, data=data or {})

    @classmethod
    def failure(cls, reason: str) -> Self:
        """Return the answer that stops the stack's operation."""
        return cls(succeeded=False, reason=reason)

    @property
    def status(self) -> str:
        """CloudFormation's word for it."""
        return "SUCCESS" if self.succeeded else "FAILED"


def answer_body(answer: CustomResourceAnswer, reply_to: ReplyAddress) -> bytes:
    """Return the answer as CloudFormation reads it; what is too long loses the end of its reason.

    Data that leave no room for any reason make a failure of the answer, because cut data would be wrong data.
    """
    if len(_encoded(answer, reply_to, _ELLIPSIS)) > LARGEST_ANSWER:
        answer = CustomResourceAnswer.failure(f"the answer is larger than the {LARGEST_ANSWER} bytes that are taken")
    reason = " ".join(answer.reason.split())
    body = _encoded(answer, reply_to, reason)
    if len(body) <= LARGEST_ANSWER:
        return body
    room = LARGEST_ANSWER - len(_encoded(answer, reply_to, _ELLIPSIS))
    kept = sum(size <= room for size in accumulate(len(json.dumps(letter)) - 2 for letter in reason))
    return _encoded(answer, reply_to, reason[:kept] + _ELLIPSIS)


def goes_back(old_layer_version_arn: object, new_layer_version_arn: object) -> bool:
    """Return whether a stack goes back to a former version of a layer, which only a rollback does.

    A deployment of older code makes a version of its own, with a higher number (Lambda Developer Guide, "Layers").
    """
    old, new = (_LAYER_VERSION.fullmatch(str(arn)) for arn in (old_layer_version_arn, new_layer_version_arn))
    return bool(old and new and old["layer"] == new["layer"] and int(new["number"]) < int(old["number"]))


def _encoded(answer: CustomResourceAnswer, reply_to: ReplyAddress, reason: str) -> bytes:
    content = {
        "Status": answer.status,
        "Reason": reason,
        "PhysicalResourceId": reply_to.physical_id,
        "StackId": reply_to.stack_id,
        "RequestId": reply_to.request_id,
        "LogicalResourceId": reply_to.logical_id,
        "Data": dict(answer.data),
    }
    return json.dumps(content).encode()
