"""Publishes alerts for chat channels, beside the topic that people and programs subscribe to."""

from typing import TYPE_CHECKING

from rds_operations.adapters.aws_clients import aws_client
from rds_operations.adapters.aws_errors import translating
from rds_operations.adapters.sns_alerts import SnsAlertTopic, sns_client
from rds_operations.domain.alert_chat import chat_message
from rds_operations.domain.alert_texts import attributes
from rds_operations.domain.alerts import Alert
from rds_operations.domain.rehearsals import REHEARSAL_ATTRIBUTE
from rds_operations.ports.alerts import AlertTopic

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def chat_client() -> "SNSClient":
    """Return a client whose only attempt ends after 3 s: the alert itself has taken most of the function's time."""
    client: SNSClient = aws_client("sns", connect_timeout_seconds=1, read_timeout_seconds=2, attempts=1)
    return client


def alert_topic(alerts_topic_arn: str, chat_topic_arn: str, *, environment: str) -> AlertTopic:
    """Return the topic of alerts, with the one of chat channels beside it where there is one.

    Args:
        alerts_topic_arn: The topic that people subscribe to.
        chat_topic_arn: The topic that Amazon Q Developer is subscribed to; empty for none.
        environment: dev, staging or prod.
    """
    alerts = SnsAlertTopic(alerts_topic_arn, sns_client(), environment=environment)
    return AlertsAndChat(alerts, chat_topic_arn, chat_client()) if chat_topic_arn else alerts


class AlertsAndChat:
    """An `AlertTopic` that tells a chat channel, too.

    Args:
        alerts: Tells people and programs, and always first.
        chat_topic_arn: The topic that Amazon Q Developer is subscribed to.
        client: boto3's client of SNS.
    """

    def __init__(self, alerts: AlertTopic, chat_topic_arn: str, client: "SNSClient") -> None:
        self._alerts = alerts
        self._chat_topic_arn = chat_topic_arn
        self._client = client

    def publish(self, alert: Alert) -> None:
        """Publish the alert on both; that one fails does not keep it from the other, and is raised.

        A rehearsal is not for chat: Amazon Q Developer knows no filters.

        Raises:
            RetryableError: SNS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """
        try:
            self._alerts.publish(alert)
        finally:
            if REHEARSAL_ATTRIBUTE not in attributes(alert):
                self._publish_for_chat(alert)

    def pass_on(self, subject: str, message: str) -> None:
        """Publish a message as it came, but for chat, which takes notifications of its own form only."""
        self._alerts.pass_on(subject, message)

    def _publish_for_chat(self, alert: Alert) -> None:
        texts = attributes(alert)
        with translating(f"publishing alert {alert.id} for chat on {self._chat_topic_arn}"):
            self._client.publish(
                TopicArn=self._chat_topic_arn,
                Message=chat_message(alert),
                MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in texts.items()},
            )
