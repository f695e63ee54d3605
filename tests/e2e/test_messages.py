"""Topics, queues and their key in the deployed stack: what one grant carries is missed without it, and named."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.alerts import CLOUDWATCH_ALARM
from local.aws import server
from local.demo.scene import Scene
from local.redrive.places import embedded_place
from local.redrive.queues import find_queues
from local.redrive.run import redrive
from local.waiting import wait_until
from tests.e2e.rights import client, uninvokable, without_grant

ALARM_FUNCTION, ALARM = "ReactToAlarmFunction", "alarm-of-a-test"
LOST = "its notification is lost"


@contextmanager
def _alarm_to(scene: Scene, topic: str) -> Iterator[str]:
    """Make an alarm that is told to a topic of the stack."""
    scene.aws.cloudwatch.put_metric_alarm(
        AlarmName=ALARM,
        AlarmDescription="Severity: warning",
        Namespace="LangPont/RDS",
        MetricName="of_a_test",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[scene.stack.physical_id(topic)],
        OKActions=[scene.stack.physical_id(topic)],
    )
    yield ALARM
    scene.aws.cloudwatch.delete_alarms(AlarmNames=[ALARM])


@pytest.fixture
def automation_alarm(scene: Scene) -> Iterator[str]:
    with _alarm_to(scene, "AutomationAlarmsTopic") as name:
        yield name


@pytest.fixture
def alarm(scene: Scene) -> Iterator[str]:
    with _alarm_to(scene, "AlarmsTopic") as name:
        yield name


def _set_alarm(scene: Scene, name: str, state: Any, reason: str) -> None:
    scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)


def _log(scene: Scene) -> list[str]:
    return (scene.checkout.logs / f"{server.PROCESS}.log").read_text(encoding="utf-8").splitlines()


def _wait_for_line(scene: Scene, *parts: str) -> str:
    found = wait_until(
        f"a line of the local AWS's log with {parts}",
        lambda: [line for line in _log(scene) if all(part in line for part in parts)],
        deadline_seconds=20,
    )
    return found[-1]


def _notifications(scene: Scene, reason: str) -> list[dict[str, Any]]:
    return [letter for letter in scene.stack.dead_letters(ALARM_FUNCTION) if reason in letter.get("Message", "")]


def test_alarm_about_the_automation_reaches_the_mailbox_without_any_function(
    scene: Scene, automation_alarm: str
) -> None:
    _set_alarm(scene, automation_alarm, "ALARM", "tried by hand")

    alert = scene.wait_for_alert("the alarm itself", ALARM_FUNCTION, lambda a: a.body["resource"] == ALARM)

    assert alert.body["kind"] == CLOUDWATCH_ALARM
    assert alert.subject == f'ALARM: "{ALARM}" in Asia Pacific (Tokyo)'
    assert alert.body["facts"]["NewStateReason"] == "tried by hand"


def test_alarm_is_lost_where_the_key_does_not_let_cloudwatch(scene: Scene, alarm: str) -> None:
    with without_grant(scene, "AlarmsOfThisAccountPublish"):
        _set_alarm(scene, alarm, "ALARM", "without the grant")
        denied = _wait_for_line(scene, "cloudwatch.amazonaws.com", alarm, "was denied kms:GenerateDataKey on resource")
        _wait_for_line(scene, alarm, "was denied sns:Publish", LOST)
    _set_alarm(scene, alarm, "OK", "with the grant")

    scene.wait_for_alert("the alert", ALARM_FUNCTION, lambda a: "with the grant" in str(a.body))

    assert scene.stack.physical_id("MessagesKey") in denied
    assert scene.alerts.take(lambda a: "without the grant" in str(a.body)) is None


def test_notification_that_cannot_be_delivered_lands_in_the_encrypted_queue(scene: Scene, alarm: str) -> None:
    with uninvokable(scene, ALARM_FUNCTION):
        _set_alarm(scene, alarm, "ALARM", "nobody may be invoked")
        wait_until("the letter", lambda: _notifications(scene, "nobody may be invoked"), deadline_seconds=20)

    redrive(find_queues(embedded_place(scene.environment)), lambda _line: None)

    scene.wait_for_alert("the alert", ALARM_FUNCTION, lambda a: "nobody may be invoked" in str(a.body))


def test_notification_that_cannot_be_delivered_is_lost_where_the_key_does_not_let_sns(scene: Scene, alarm: str) -> None:
    with uninvokable(scene, ALARM_FUNCTION), without_grant(scene, "TopicsOfThisAccountSend"):
        _set_alarm(scene, alarm, "ALARM", "nobody and no key")
        _wait_for_line(scene, "sns.amazonaws.com", "was denied kms:GenerateDataKey", "ReactToAlarmDeadLett")

    assert _notifications(scene, "nobody and no key") == []


@pytest.mark.parametrize(
    "send",
    [
        lambda scene, sns, _sqs: sns.publish(TopicArn=scene.stack.physical_id("AlertsTopic"), Message="plain"),
        lambda scene, _sns, sqs: sqs.send_message(
            QueueUrl=scene.stack.physical_id("CreateSnapshotDeadLetterQueue"), MessageBody="plain"
        ),
    ],
    ids=["topic", "queue"],
)
def test_what_comes_by_plain_http_is_refused(scene: Scene, send: Callable[..., Any]) -> None:
    plain = [client(scene, service) for service in ("sns", "sqs")]
    for one in plain:
        one.meta.events.register("before-sign", _mark_as_plain)

    with pytest.raises(ClientError) as refused:
        send(scene, *plain)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_every_topic_and_queue_of_the_deployed_stack_has_the_key(scene: Scene) -> None:
    key = client(scene, "kms").describe_key(KeyId=scene.stack.physical_id("MessagesKeyAlias"))["KeyMetadata"]["Arn"]
    topics = [scene.stack.physical_id(name) for name in ("AlarmsTopic", "AlertsTopic", "AutomationAlarmsTopic")]
    queue = scene.stack.physical_id("ReactToAlarmDeadLetterQueue")

    keys = [scene.aws.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["KmsMasterKeyId"] for topic in topics]
    attributes = scene.aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]

    assert [*keys, attributes["KmsMasterKeyId"]] == [key] * 4
    assert json.loads(attributes["Policy"])["Statement"][0]["Sid"] == "PlainHttpIsRefused"


def _mark_as_plain(request: Any, **_rest: Any) -> None:
    request.headers["X-Forwarded-Proto"] = "http"
