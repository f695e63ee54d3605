"""Dead letters of what rules and schedules (DeadLetterConfig) and subscriptions (RedrivePolicy) could not deliver.

The emulator stores both and never acts upon them. A missing permission is not tried again on AWS either: the event goes
to the queue at once (EventBridge user guide, "Using dead-letter queues to process undelivered events"; SNS developer
guide, "Amazon SNS dead-letter queues").
"""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from ministack.services import eventbridge, sns, sqs

from local.aws.gaps.schedules import replace_context_attributes

_CAUSE = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "The target or its role lets no such event in"}


def keep_event(queue_arn: str, target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any]) -> None:
    """Put an event into the dead-letter queue as EventBridge does, or a schedule's input as Scheduler does."""
    if event.get("Source") == "aws.scheduler":
        body = replace_context_attributes(target.get("Input", "{}"), event)
        _put(queue_arn, body, {"SCHEDULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], **_CAUSE})
        return
    body = json.dumps(eventbridge._pattern_event_view(event).event_with_detail())
    _put(queue_arn, body, {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], **_CAUSE})


def keep_notification(envelope: str, topic_arn: str, subscription_arn: str) -> bool:
    """Put a notification into the subscription's dead-letter queue; tell whether it has one that lets the topic."""
    subscription = sns._find_subscription(topic_arn, subscription_arn) or {"attributes": {}}
    policy = json.loads(subscription["attributes"].get("RedrivePolicy") or "{}")
    queue_arn = policy.get("deadLetterTargetArn", "")
    account = topic_arn.split(":")[4]
    if not queue_arn or not sqs.queue_policy_allows(queue_arn, "sns.amazonaws.com", topic_arn, account):
        return False
    _put(queue_arn, envelope, {})
    return True


def _put(queue_arn: str, body: str, attributes: Mapping[str, str]) -> None:
    queue = sqs._queue_by_arn(queue_arn)
    now = time.time()
    message = {
        "id": str(uuid.uuid4()),
        "body": body,
        "sent_at": now,
        "visible_at": now,
        "message_attributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
