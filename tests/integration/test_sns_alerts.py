"""What a subscriber of the alerts topic gets, through boto3's own client."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from rds_operations.adapters.sns_alerts import SnsAlertTopic, sns_client
from rds_operations.domain.alert_texts import machine_form
from rds_operations.domain.alerts import Alert, AlertKind, Severity
from rds_operations.domain.errors import NotFoundError, OperationsError, RefusedError, RetryableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION = "ap-northeast-1"
ALERT = Alert(
    id="0" * 32,
    kind=AlertKind.FAILOVER,
    severity=Severity.CRITICAL,
    title="Multi-AZ failover started",
    resource="langpont-prod-db",
    environment="prod",
    occurred_at=datetime(2026, 11, 23, 18, tzinfo=UTC),
    summary="翻訳 cannot be saved.",
)


class Subscriber:
    """An SQS queue on the topic, as the local environment's alerts queue is."""

    def __init__(self, filter_policy: dict[str, list[str]] | None = None) -> None:
        sns = boto3.client("sns")
        self._sqs: SQSClient = boto3.client("sqs")
        self.topic_arn = sns.create_topic(Name="langpont-prod-alerts")["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="alerts")["QueueUrl"]
        attributes = {"FilterPolicy": json.dumps(filter_policy)} if filter_policy else {}
        queue_arn = f"arn:aws:sqs:{REGION}:123456789012:alerts"
        sns.subscribe(TopicArn=self.topic_arn, Protocol="sqs", Endpoint=queue_arn, Attributes=attributes)

    def received(self) -> list[dict[str, Any]]:
        messages = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]


def alerts_on(topic_arn: str) -> SnsAlertTopic:
    return SnsAlertTopic(topic_arn, sns_client(), environment="prod")


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


def test_queue_gets_the_machine_form_inside_the_envelope() -> None:
    subscriber = Subscriber()

    alerts_on(subscriber.topic_arn).publish(ALERT)

    [envelope] = subscriber.received()
    assert envelope["Subject"] == "CRITICAL langpont-prod-db: Multi-AZ failover started"
    assert json.loads(envelope["Message"]) == machine_form(ALERT)


@pytest.mark.parametrize(("severities", "count"), [(["critical"], 1), (["info"], 0)])
def test_subscriptions_can_filter_by_severity(severities: list[str], count: int) -> None:
    subscriber = Subscriber({"severity": severities})

    alerts_on(subscriber.topic_arn).publish(ALERT)

    assert len(subscriber.received()) == count


def test_message_that_is_no_alert_arrives_as_it_came() -> None:
    subscriber = Subscriber()

    alerts_on(subscriber.topic_arn).pass_on("Test of the topic", '{"default": "お知らせ"}')

    [envelope] = subscriber.received()
    assert (envelope["Subject"], envelope["Message"]) == ("Test of the topic", '{"default": "お知らせ"}')


@pytest.mark.parametrize(("environments", "count"), [(["prod"], 2), (["dev"], 0)])
def test_filters_on_the_environment_let_passed_on_messages_through(environments: list[str], count: int) -> None:
    subscriber = Subscriber({"environment": environments})
    topic = alerts_on(subscriber.topic_arn)

    topic.pass_on("Test of the topic", "no alarm")
    topic.pass_on("", "no alarm")

    assert len(subscriber.received()) == count


def test_message_without_a_subject_arrives_without_one() -> None:
    subscriber = Subscriber()

    alerts_on(subscriber.topic_arn).pass_on("", "no alarm")

    [envelope] = subscriber.received()
    assert "Subject" not in envelope


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("Throttling", RetryableError),
        ("InternalError", RetryableError),
        ("AuthorizationError", RefusedError),
        ("NotFound", NotFoundError),
        ("KMSAccessDenied", RefusedError),
    ],
)
def test_errors_of_sns_become_the_kits_own(code: str, error: type[OperationsError]) -> None:
    client = sns_client()
    topic = SnsAlertTopic(f"arn:aws:sns:{REGION}:123456789012:langpont-prod-alerts", client, environment="prod")
    stubber = Stubber(client)
    stubber.add_client_error("publish", service_error_code=code, service_message="said AWS")

    with stubber, pytest.raises(error, match=r"publishing alert 0+ on arn:aws:sns.* said AWS"):
        topic.publish(ALERT)


def test_topic_that_is_gone_is_named() -> None:
    topic = alerts_on(f"arn:aws:sns:{REGION}:123456789012:gone")

    with pytest.raises(NotFoundError, match=r"publishing alert 0+ on .*:gone failed: there is no such topic"):
        topic.publish(ALERT)
