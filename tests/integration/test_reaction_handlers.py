"""Every sample payload through its real handler, with AWS played by moto."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from rds_operations.domain.errors import ConfigurationError, InvalidEventError, PartialFailureError
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.samples import good_names, malformed_names, sample

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION = "ap-northeast-1"
TOPIC_ARN = f"arn:aws:sns:{REGION}:123456789012:langpont-prod-alerts"
VARIABLES = {
    "AWS_DEFAULT_REGION": REGION,
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "prod",
    "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
    "ALERTS_TOPIC_ARN": TOPIC_ARN,
    "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
    "POWERTOOLS_SERVICE_NAME": "reactions",
}
FOLLOW_UPS = {
    "FOLLOW_UP_GROUP": "reactions",
    "FOLLOW_UP_ROLE_ARN": "arn:aws:iam::123456789012:role/follow-up",
    "FOLLOW_UP_QUEUE_ARN": f"arn:aws:sqs:{REGION}:123456789012:letters",
}
CONTEXT = FakeLambdaContext("reactions")


@dataclass(frozen=True)
class World:
    """An instance, the alerts topic and a queue on it."""

    sqs: "SQSClient"
    queue_url: str

    def alerts(self) -> list[dict[str, Any]]:
        messages = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in messages]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("rds").create_db_instance(
            DBInstanceIdentifier="langpont-prod-db",
            Engine="postgres",
            DBInstanceClass="db.t3.medium",
            AllocatedStorage=20,
            MultiAZ=True,
        )
        sns, sqs = boto3.client("sns"), boto3.client("sqs")
        sns.create_topic(Name="langpont-prod-alerts")
        queue_url = sqs.create_queue(QueueName="alerts")["QueueUrl"]
        queue_arn = f"arn:aws:sqs:{REGION}:123456789012:alerts"
        sns.subscribe(TopicArn=TOPIC_ARN, Protocol="sqs", Endpoint=queue_arn)
        yield World(sqs, queue_url)


def test_every_rds_event_is_alerted_or_recorded(world: World) -> None:
    app = load_app("react_to_rds_event")

    for name in good_names("react_to_rds_event"):
        response = app.handler(sample("react_to_rds_event", name), CONTEXT)

        assert response["action"] == ("alerted" if world.alerts() else "recorded"), name
        assert json.loads(json.dumps(response)) == response


def test_alert_of_a_failover_describes_the_instance(world: World) -> None:
    load_app("react_to_rds_event").handler(sample("react_to_rds_event", "failover_completed"), CONTEXT)

    [alert] = world.alerts()
    assert (alert["kind"], alert["severity"]) == ("failover", "resolved")
    assert alert["facts"]["instance_status"] == "available"


def test_second_look_of_a_failover_is_a_schedule_in_the_group(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FOLLOW_UPS.items():
        monkeypatch.setenv(name, value)
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name="reactions")
    event = sample("react_to_rds_event", "failover_completed")

    responses = [load_app("react_to_rds_event").handler(event, CONTEXT) for _ in range(2)]

    [schedule] = scheduler.list_schedules(GroupName="reactions")["Schedules"]
    assert [response["follow_up"] for response in responses] == [schedule["Name"]] * 2
    made = scheduler.get_schedule(GroupName="reactions", Name=schedule["Name"])
    assert made["Target"]["Arn"] == CONTEXT.invoked_function_arn
    assert json.loads(made["Target"]["Input"])["follow_up"] == "failover_completed"
    assert len(world.alerts()) == 2


def test_probe_that_does_not_exist_is_said_and_stops_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_FUNCTION_NAME", "langpont-probe")

    response = load_app("react_to_rds_event").handler(sample("react_to_rds_event", "failover_completed"), CONTEXT)

    [alert] = world.alerts()
    assert response["writable"] is None
    assert "invoking langpont-probe failed" in alert["facts"]["writable_note"]


@pytest.mark.usefixtures("world")
def test_every_alarm_message_is_published() -> None:
    app = load_app("react_to_alarm")

    for name in (name for name in good_names("react_to_alarm") if not name.startswith("mixed")):
        response = app.handler(sample("react_to_alarm", name), CONTEXT)

        assert response == {"published": 1, "failed": 0}, name


def test_good_records_are_published_before_the_bad_ones_raise(world: World) -> None:
    with pytest.raises(PartialFailureError, match="2 of 3 alarm records failed"):
        load_app("react_to_alarm").handler(sample("react_to_alarm", "mixed_good_and_bad"), CONTEXT)

    assert [alert["title"] for alert in world.alerts()] == ["CPUUtilization 93.1 % > 80 %"]


@pytest.mark.parametrize("function", ["react_to_rds_event", "react_to_alarm"])
def test_malformed_event_is_refused_by_the_name_of_its_field(world: World, function: str) -> None:
    app = load_app(function)

    for name in malformed_names(function):
        with pytest.raises(
            (InvalidEventError, PartialFailureError), match=r" (is|are) .*, allowed: |missing, allowed: "
        ):
            app.handler(sample(function, name), CONTEXT)

    assert world.alerts() == []


@pytest.mark.parametrize("function", ["react_to_rds_event", "react_to_alarm"])
@pytest.mark.usefixtures("world")
def test_wrong_environment_stops_the_function_at_start(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    monkeypatch.delenv("ALERTS_TOPIC_ARN")

    with pytest.raises(ConfigurationError, match="ALERTS_TOPIC_ARN is not set, allowed: the ARN of an SNS topic"):
        load_app(function)
