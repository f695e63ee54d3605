"""Publishes alerts on an SNS topic: text for people, JSON for machines, attributes for filters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rds_operations.adapters.aws_clients import aws_client
from rds_operations.adapters.aws_errors import translating
from rds_operations.domain import alert_texts
from rds_operations.domain.alerts import Alert

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 4
ATTEMPTS = 3


def sns_client() -> "SNSClient":
    """Return a client whose calls give up after 21 s at most.

    Three attempts of 2 s to connect and 4 s to answer, 1 s and 2 s between them. With the 5 s that enrichment may take
    that is 26 s, inside the functions' 30 s.
    """
    client: SNSClient = aws_client(
        "sns",
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS,
        attempts=ATTEMPTS,
    )
    return client


class SnsAlertTopic:
    """An `AlertTopic` on SNS.

    Args:
        topic_arn: The topic that people subscribe to.
        client: boto3's client of SNS.
        environment: dev, staging or prod; the attribute of what is passed on, so that filters on it let it through.
    """

    def __init__(self, topic_arn: str, client: "SNSClient", *, environment: str) -> None:
        self._topic_arn = topic_arn
        self._client = client
        self._environment = environment

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
                MessageAttributes=_attributes(alert_texts.attributes(alert)),
            )

    def pass_on(self, subject: str, message: str) -> None:
        """Publish a message as it came; SNS takes no empty subject, so one is then left out. Errors as `publish`."""
        plain = alert_texts.printable_subject(subject)
        attributes = _attributes({"environment": self._environment})
        with translating(f"passing a message on to {self._topic_arn}"):
            if plain:
                self._client.publish(
                    TopicArn=self._topic_arn, Subject=plain, Message=message, MessageAttributes=attributes
                )
            else:
                self._client.publish(TopicArn=self._topic_arn, Message=message, MessageAttributes=attributes)


def _attributes(texts: Mapping[str, str]) -> "dict[str, MessageAttributeValueTypeDef]":
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}


def optional_alert_topic(topic_arn: str, *, environment: str) -> SnsAlertTopic | None:
    """Return the topic, or None without an ARN."""
    return SnsAlertTopic(topic_arn, sns_client(), environment=environment) if topic_arn else None
