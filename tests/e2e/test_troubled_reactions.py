"""What an alert goes without, and what becomes of one that cannot be published; last, for denials stay in the log."""

import json

import pytest

from local.alerts import ReceivedAlert
from local.demo.scene import Scene
from local.redrive.places import embedded_place
from local.redrive.queues import find_queues
from local.redrive.run import redrive
from local.waiting import wait_until
from tests.e2e.rights import without_right

ALARM = "ReactToAlarmFunction"
DEADLINE_SECONDS = 60.0


def _come_on(scene: Scene, alarm: str, reason: str) -> None:
    name = f"langpont-prod-{alarm}"
    scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="-")
    scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason=reason)


def _alert(scene: Scene, reason: str) -> ReceivedAlert:
    def is_wanted(alert: ReceivedAlert) -> bool:
        return bool(alert.body["kind"] == "alarm" and alert.body["facts"]["reason"] == reason)

    return scene.alerts.wait_for(f"the alert: {reason}", is_wanted, deadline_seconds=DEADLINE_SECONDS)


def _letters(scene: Scene, words: str) -> list[str]:
    return [text for text in map(json.dumps, scene.stack.dead_letters(ALARM)) if words in text]


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ("lambda:InvokeFunction", "invoking "),
        ("cloudwatch:DescribeAlarmHistory", "reading the history of alarm langpont-prod-rds-cpu-high"),
        ("cloudwatch:GetMetricData", "reading CPUUtilization, "),
        ("rds:DescribeEvents", "reading the events of "),
    ],
)
def test_alert_goes_out_without_what_is_denied_and_says_so(scene: Scene, right: str, words: str) -> None:
    with without_right(scene, ALARM, right):
        _come_on(scene, "rds-cpu-high", f"without {right}")
        alert = _alert(scene, f"without {right}")

    [missing] = alert.body["facts"]["enrichment_unavailable"]
    assert missing.startswith(words)
    assert " was denied: " in missing


def test_alert_that_cannot_be_published_is_retried_kept_and_redriven(scene: Scene) -> None:
    with without_right(scene, ALARM, "sns:Publish"):
        _come_on(scene, "connections-high", "nobody may publish")
        [letter] = wait_until("its letter", lambda: _letters(scene, "nobody may publish"), deadline_seconds=90)

    queues = find_queues(embedded_place(scene.environment))
    redrive([queue for queue in queues if queue.function == ALARM], lambda _: None)

    _alert(scene, "nobody may publish")
    assert "PartialFailureError" in letter
    assert '"approximateInvokeCount": 3' in letter
    assert _letters(scene, "nobody may publish") == []


def test_poisonous_message_is_put_aside_and_the_next_alarm_is_told(scene: Scene) -> None:
    poison = {"AlarmName": "langpont-prod-rds-cpu-high", "NewStateValue": "ALARM", "StateChangeTime": "a poison"}
    scene.aws.sns.publish(TopicArn=scene.stack.physical_id("AlarmsTopic"), Message=json.dumps(poison))
    _come_on(scene, "rds-cpu-high", "after the poison")

    _alert(scene, "after the poison")
    [letter] = wait_until("its letter", lambda: _letters(scene, "a poison"), deadline_seconds=90)
    scene.aws.sqs.purge_queue(QueueUrl=scene.stack.function(ALARM).dead_letter_queue_url)

    assert "StateChangeTime is 'a poison', allowed: a time such as" in letter
