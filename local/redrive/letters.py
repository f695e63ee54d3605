"""What a dead letter asks for: the event that its function is to get again, and why it did not work before.

```
written by                              body                            message attributes
Lambda (on-failure destination)         invocation record               none
SNS (redrive policy of a subscription)  notification, as SQS gets it    none
EventBridge (dead-letter config)        the event                       RULE_ARN, ERROR_CODE, ERROR_MESSAGE, ...
Scheduler (dead-letter config)          the schedule's input            SCHEDULE_ARN, IS_PAYLOAD_TRUNCATED, ...
```

Sources: Lambda developer guide, "Capturing records of Lambda asynchronous invocations"; EventBridge user guide, "Using
dead-letter queues to process undelivered events"; Scheduler user guide, "Configuring a schedule's dead-letter queue".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_EVENT_FIELDS = {"source", "detail-type", "detail"}
_DELIVERY_ATTRIBUTES = {"RULE_ARN", "SCHEDULE_ARN"}
_LONGEST_CAUSE = 300

type Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a dead-letter queue.

    Args:
        message_id: The same at every receipt.
        receipt: What this receipt of it is deleted by.
        body: Its text.
        attributes: Its message attributes that are text.
    """

    message_id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A letter that can be tried again.

    Args:
        event: What the function is invoked with, as JSON.
        cause: Why the letter was written, in one line.
        request_id: Lambda's id of the invocation that failed; empty where none took place.
    """

    event: str
    cause: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A letter that a person has to look at, and why."""

    obstacle: str


def read_letter(letter: Letter) -> Repeatable | Unreadable:
    """Return what the letter asks for.

    1. A body that is no JSON object cannot be read.
    2. One that Scheduler had to cut cannot: the rest of the event is nowhere.
    3. Lambda's invocation record asks for its `requestPayload`.
    4. A notification asks for the `Records` that SNS invokes functions with.
    5. What EventBridge or Scheduler could not deliver asks for itself.
    6. Anything else cannot be read.
    """
    try:
        content = json.loads(letter.body)
    except (ValueError, RecursionError):
        return Unreadable("its body is no JSON")
    if not isinstance(content, dict):
        return Unreadable("its body is no JSON object")
    if letter.attributes.get("IS_PAYLOAD_TRUNCATED", "").lower() == "true":
        return Unreadable("Scheduler put only a part of the event into it")
    found = _invocation_record(content) or _notification(content) or _undelivered(content, letter)
    return found or Unreadable("it has no form that Lambda, SNS, EventBridge or Scheduler write")


def _invocation_record(content: Content) -> Repeatable | None:
    context = content.get("requestContext")
    if not isinstance(context, dict) or "requestPayload" not in content:
        return None
    answer = content.get("responsePayload")
    error = answer if isinstance(answer, dict) else {}
    words = [error.get("errorType"), error.get("errorMessage")]
    cause = _one_line(": ".join(str(word) for word in words if word) or str(context.get("condition", "")))
    return Repeatable(json.dumps(content["requestPayload"]), cause, str(context.get("requestId", "")))


def _notification(content: Content) -> Repeatable | None:
    if content.get("Type") != "Notification" or not {"Message", "TopicArn"} <= content.keys():
        return None
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": content}
    return Repeatable(json.dumps({"Records": [record]}), _one_line(f"{content['TopicArn']} could not deliver it"))


def _undelivered(content: Content, letter: Letter) -> Repeatable | None:
    if not (letter.attributes.keys() & _DELIVERY_ATTRIBUTES or content.keys() >= _EVENT_FIELDS):
        return None
    words = [letter.attributes.get(name) for name in ("ERROR_CODE", "ERROR_MESSAGE")]
    cause = _one_line(": ".join(word for word in words if word) or "it could not be delivered")
    return Repeatable(_input_of_call(content) or letter.body, cause)


def _input_of_call(content: Content) -> str | None:
    """Return the input inside a call of Lambda; AWS's example, of an SQS target, shows the call and not the input."""
    payload = content.get("Payload")
    return payload if "FunctionName" in content and isinstance(payload, str) else None


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_CAUSE else f"{words[: _LONGEST_CAUSE - 1]}…"
