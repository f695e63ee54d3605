"""Publishes alerts on an SNS topic: text for people, JSON for machines, attributes for filters."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from rds_operations.adapters.aws_errors import translating
from rds_operations.domain import alert_texts
from rds_operations.domain.alerts import Alert

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 4
ATTEMPTS = 3


def sns_client() -> "SNSClient":
    """Return a client whose calls give up after 15 s at most (three attempts of 4 s, 1 s and 2 s between them).

    With the 5 s that enrichment may take this stays inside the functions' 30 s.
    """
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    return boto3.client("sns", config=config)


class SnsAlertTopic:
    """An `AlertTopic` on SNS.

    Args:
        topic_arn: The topic that people subscribe to.
        client: boto3's client of SNS.
    """

    def __init__(self, topic_arn: str, client: "SNSClient") -> None:
        self._topic_arn = topic_arn
        self._client = client

    def publish(self, alert: Alert) -> None:
        """Publish the alert, to each protocol in its own form.

        Raises:
            RetryableError: SNS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """
        with translating(f"publishing alert {alert.id} on {self._topic_arn}"):
            self._client.publish(
                TopicArn=self._topic_arn,
                Subject=alert_texts.subject(alert),
                Message=alert_texts.sns_message(alert),
                MessageStructure="json",
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in alert_texts.attributes(alert).items()
                },
            )

    def pass_on(self, subject: str, message: str) -> None:
        """Publish a message as it came; SNS takes no empty subject, so one is then left out. Errors as `publish`."""
        plain = alert_texts.printable_subject(subject)
        with translating(f"passing a message on to {self._topic_arn}"):
            if plain:
                self._client.publish(TopicArn=self._topic_arn, Subject=plain, Message=message)
            else:
                self._client.publish(TopicArn=self._topic_arn, Message=message)
