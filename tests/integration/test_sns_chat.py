"""What a chat channel's topic gets, beside the alerts topic."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from rds_operations.adapters.sns_alerts import SnsAlertTopic
from rds_operations.adapters.sns_chat import AlertsAndChat, alert_topic, chat_client
from rds_operations.domain.alert_chat import chat_form
from rds_operations.domain.errors import NotFoundError, RefusedError
from tests.fakes.alert_topic import FakeAlertTopic
from tests.golden_alerts import FAILOVER

REGION = "ap-northeast-1"
GONE = f"arn:aws:sns:{REGION}:123456789012:gone"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


class Channel:
    """A queue on a topic for chat."""

    def __init__(self) -> None:
        sns, self._sqs = boto3.client("sns"), boto3.client("sqs")
        self.arn = sns.create_topic(Name="chat")["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="chat")["QueueUrl"]
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:chat")

    def received(self) -> list[dict[str, Any]]:
        messages = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]


def test_chat_gets_the_custom_notification_and_attributes_to_filter_by() -> None:
    channel, alerts = Channel(), FakeAlertTopic()

    AlertsAndChat(alerts, channel.arn, chat_client()).publish(FAILOVER)

    [envelope] = channel.received()
    assert json.loads(envelope["Message"]) == json.loads(json.dumps(chat_form(FAILOVER)))
    assert envelope["MessageAttributes"]["severity"]["Value"] == "critical"
    assert alerts.published == [FAILOVER]


def test_chat_that_is_gone_keeps_the_alert_from_nobody_and_is_raised() -> None:
    alerts = FakeAlertTopic()

    with pytest.raises(NotFoundError, match=r"publishing alert \w+ for chat on .*:gone failed"):
        AlertsAndChat(alerts, GONE, chat_client()).publish(FAILOVER)

    assert alerts.published == [FAILOVER]


def test_alerts_topic_that_fails_keeps_the_alert_not_from_chat_and_is_raised() -> None:
    channel = Channel()
    alerts = FakeAlertTopic({FAILOVER.resource: RefusedError("publishing was denied")})

    with pytest.raises(RefusedError, match="publishing was denied"):
        AlertsAndChat(alerts, channel.arn, chat_client()).publish(FAILOVER)

    assert len(channel.received()) == 1


def test_message_that_is_no_alert_is_not_for_chat() -> None:
    channel, alerts = Channel(), FakeAlertTopic()

    AlertsAndChat(alerts, channel.arn, chat_client()).pass_on("Hello", "no alarm")

    assert (alerts.passed_on, channel.received()) == ([("Hello", "no alarm")], [])


@pytest.mark.parametrize(("chat", "kind"), [("", SnsAlertTopic), (GONE, AlertsAndChat)])
def test_without_a_chat_topic_there_is_no_chat(chat: str, kind: type) -> None:
    assert isinstance(alert_topic(GONE, chat, environment="prod"), kind)
