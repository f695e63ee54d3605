"""What landed in a dead-letter queue of the deployed stack is tried again, and nothing of it is lost."""

import json
from typing import Any

from local.alerts import ReceivedAlert
from local.demo.scene import Scene
from local.redrive.places import embedded_place
from local.redrive.queues import find_queues
from local.redrive.run import RedriveReport, redrive
from local.waiting import wait_until
from tests.e2e.rights import without_right

CREATE, ALARM = "CreateSnapshotFunction", "ReactToAlarmFunction"
SCHEDULE_ARN = {"DataType": "String", "StringValue": "arn:aws:scheduler:ap-northeast-1:000000000000:schedule/default/x"}


def _redrive(scene: Scene, function: str | None = None) -> tuple[RedriveReport, list[str]]:
    """Redrive every queue, or that of one function: an empty one takes a second to be known as empty."""
    said: list[str] = []
    queues = [each for each in find_queues(embedded_place(scene.environment)) if function in {None, each.function}]
    return redrive(queues, said.append), said


def _snapshot(scene: Scene, identifier: str) -> list[Any]:
    listed = scene.aws.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    return [snapshot for snapshot in listed if snapshot["DBSnapshotIdentifier"] == identifier]


def _wait_for_snapshot(scene: Scene, identifier: str) -> None:
    wait_until(f"snapshot {identifier}", lambda: _snapshot(scene, identifier), deadline_seconds=30)


def _write_letter(scene: Scene, function: str, body: str, **attributes: Any) -> None:
    url = scene.stack.function(function).dead_letter_queue_url
    scene.aws.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)


def test_every_function_of_the_stack_can_be_redriven(scene: Scene) -> None:
    found = {queue.function for queue in find_queues(embedded_place(scene.environment))}

    assert {CREATE, ALARM, "ExpireSnapshotsFunction", "PushMetricsFunction", "ReactToRdsEventFunction"} <= found


def test_failed_creation_succeeds_once_its_cause_is_gone(scene: Scene) -> None:
    event = {"scheduled_time": "2026-02-03T18:00:00Z"}
    with without_right(scene, CREATE, "rds:CreateDBSnapshot"):
        scene.aws.functions.invoke(
            FunctionName=scene.stack.physical_id(CREATE), InvocationType="Event", Payload=json.dumps(event).encode()
        )
        wait_until(
            "the failed creation's letter",
            lambda: any(letter["requestPayload"] == event for letter in scene.stack.dead_letters(CREATE)),
            deadline_seconds=60,
        )

    report, said = _redrive(scene)

    assert report.handed_over >= 1
    assert report.left == 0
    assert "was denied" in said[0]
    assert scene.stack.dead_letters(CREATE) == []
    _wait_for_snapshot(scene, "langpont-manual-20260203-180000")


def test_schedule_that_could_not_be_delivered_is_caught_up_on(scene: Scene) -> None:
    _write_letter(scene, CREATE, '{"scheduled_time": "2026-02-04T18:00:00Z"}', SCHEDULE_ARN=SCHEDULE_ARN)

    report, _ = _redrive(scene, CREATE)

    assert report == RedriveReport(handed_over=1, left=0)
    _wait_for_snapshot(scene, "langpont-manual-20260204-180000")


def test_notification_that_could_not_be_delivered_becomes_an_alert(scene: Scene) -> None:
    name = scene.stack.physical_id("CpuHighAlarm")
    alarm = {
        "AlarmName": name,
        "NewStateValue": "ALARM",
        "NewStateReason": "redriven",
        "StateChangeTime": "2026-02-05T18:00:00.000+0000",
    }
    topic = scene.stack.physical_id("AlarmsTopic")
    envelope = {"Type": "Notification", "MessageId": "1", "TopicArn": topic, "Message": json.dumps(alarm)}
    _write_letter(scene, ALARM, json.dumps(envelope))

    _redrive(scene, ALARM)

    def wanted(alert: ReceivedAlert) -> bool:
        return "redriven" in str(alert.body)

    alert = scene.wait_for_alert("the alert of the redriven notification", ALARM, wanted)
    assert alert.attributes["kind"] == "alarm"


def test_unknown_letter_stays_in_its_queue(scene: Scene) -> None:
    _write_letter(scene, CREATE, "hello")

    report, said = _redrive(scene, CREATE)
    url = scene.stack.function(CREATE).dead_letter_queue_url
    left = scene.aws.sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages", [])
    scene.aws.sqs.purge_queue(QueueUrl=url)

    assert report.left == 1
    assert [message["Body"] for message in left] == ["hello"]
    assert said[-1].endswith("its body is no JSON")
