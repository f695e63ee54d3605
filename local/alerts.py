"""The queue that is subscribed where people are, so that anyone can read what a mailbox gets."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.aws.server import LocalAws
from local.errors import LocalError
from local.waiting import last_value

QUEUE_NAME = "alerts"
CLOUDWATCH_ALARM = "cloudwatch_alarm"
"""The kind of what CloudWatch itself wrote: alarms about the automation, which no function rewords."""


@dataclass(frozen=True, slots=True)
class ReceivedAlert:
    """One alert as a machine subscriber gets it.

    Args:
        subject: The subject that an e-mail has.
        body: The machine form (contracts.md, Alert). Of an alarm in CloudWatch's own words its name as `resource` and
            all of it as `facts`; of a message that was passed on only its text as `message`.
        attributes: The message attributes that filters see.
    """

    subject: str
    body: dict[str, Any]
    attributes: dict[str, str]


class AlertsQueue:
    """Reads alerts; each is read once.

    Args:
        aws: Where the queue is.
        url: The queue.
    """

    def __init__(self, aws: LocalAws, url: str) -> None:
        self._aws = aws
        self._url = url
        self._unclaimed: list[ReceivedAlert] = []

    def wait_for(self, what: str, wanted: Callable[[ReceivedAlert], bool], *, deadline_seconds: float) -> ReceivedAlert:
        """Return the first alert that is wanted; the others stay for later calls.

        Raises:
            LocalError: none came in time; the message says which did.
        """
        found = last_value(lambda: self.take(wanted), deadline_seconds=deadline_seconds, poll_seconds=0.1)
        if found is None:
            others = ", ".join(repr(alert.subject) for alert in self._unclaimed) or "none"
            raise LocalError(
                f"waited for {what}; it did not come within {deadline_seconds:g} s (others came: {others})"
            )
        return found

    def take(self, wanted: Callable[[ReceivedAlert], bool]) -> ReceivedAlert | None:
        """Return and forget the first alert that is wanted and has come, or None."""
        self._receive()
        found = next((alert for alert in self._unclaimed if wanted(alert)), None)
        if found:
            self._unclaimed.remove(found)
        return found

    def _receive(self) -> None:
        answer = self._aws.sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            envelope = json.loads(message["Body"])
            attributes = {name: value["Value"] for name, value in envelope.get("MessageAttributes", {}).items()}
            self._unclaimed.append(ReceivedAlert(envelope.get("Subject") or "", _body(envelope["Message"]), attributes))
            self._aws.sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])


def _body(message: str) -> dict[str, Any]:
    """Return an alert, an alarm about the automation, or the text of a message that was passed on as it came."""
    unknown: dict[str, Any] = {"kind": "", "severity": "", "resource": "", "facts": {}, "message": message}
    try:
        found = json.loads(message)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return unknown
    if "AlarmName" in found and "NewStateValue" in found:
        return {**unknown, "kind": CLOUDWATCH_ALARM, "resource": found["AlarmName"], "facts": found}
    return found if "kind" in found else unknown


def subscribe_queue(aws: LocalAws, *topic_arns: str) -> str:
    """Create the queue, subscribe it to the topics and return its URL; harmless when done before.

    The message stays in the envelope of SNS: subject and attributes are part of what a subscriber gets.
    """
    url = aws.sqs.create_queue(QueueName=QUEUE_NAME)["QueueUrl"]
    arn = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arns}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    for topic_arn in topic_arns:
        aws.sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
    return url
