"""Alarms and failovers in the deployed stack, as a subscriber gets them."""

from typing import Any

from local.alerts import ReceivedAlert
from local.demo import alarm, failover
from local.demo.scene import Scene
from local.environment import Environment
from local.waiting import wait_until

ALARM, REACT = "ReactToAlarmFunction", "ReactToRdsEventFunction"


def test_data_drive_the_alarm_into_alarm_and_back(scene: Scene) -> None:
    evidence = alarm.show_alarm(scene)

    assert "rds-cpu-high" in evidence
    assert scene.stack.denials(ALARM) == []


def test_alarm_set_by_hand_reaches_the_queue_with_attributes_to_filter_by(scene: Scene) -> None:
    name = scene.stack.physical_id("CpuHighAlarm")
    scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="tried by hand")

    alert = scene.wait_for_alert("the alert", ALARM, lambda a: "tried by hand" in str(a.body))

    assert alert.attributes == {
        "severity": "warning",
        "kind": "alarm",
        "environment": "prod",
        "resource": "langpont-prod-db",
    }
    assert alert.body["version"] == 1


def test_message_that_is_no_alarm_is_passed_on_as_it_came(scene: Scene) -> None:
    topic = scene.stack.physical_id("AlarmsTopic")
    queue = scene.environment.alerts_queue_url
    scene.aws.sns.publish(TopicArn=topic, Subject="Hello", Message="not an alarm")

    def received() -> list[str]:
        messages = scene.aws.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in messages if "not an alarm" in message["Body"]]

    bodies = wait_until("the message", received, deadline_seconds=30)

    assert "Hello" in bodies[0]


def test_failover_loses_no_acknowledged_write_and_names_its_duration(scene: Scene) -> None:
    standby = scene.environment.postgres.standby.port
    evidence = failover.show_failover(scene)
    start = scene.wait_for_alert("the alert of the start", REACT, _is_start)

    assert "lost: 0" in evidence
    assert start.body["severity"] == "critical"
    wait_until(
        "the other server to be described as the standby", lambda: _standby(scene) != standby, deadline_seconds=30
    )


def test_second_failover_follows_the_first_once_the_standby_is_back(scene: Scene) -> None:
    wait_until("the new standby to be in sync", scene.cluster.is_in_sync, deadline_seconds=30)
    wait_until("the instance to be available", lambda: _is_available(scene), deadline_seconds=30)
    zone = _zone(scene)

    evidence = failover.show_failover(scene)
    wait_until("RDS to show the other zone", lambda: _zone(scene) != zone, deadline_seconds=60)

    assert "lost: 0" in evidence


def _is_start(alert: ReceivedAlert) -> bool:
    source = alert.body.get("source", {})
    return source.get("event_id") == "RDS-EVENT-0013" and "follow_up" not in source


def _standby(scene: Scene) -> int:
    return Environment.read(scene.checkout.environment_file).postgres.standby.port


def _zone(scene: Scene) -> str:
    return str(_instance(scene)["AvailabilityZone"])


def _instance(scene: Scene) -> Any:
    return scene.aws.rds.describe_db_instances(DBInstanceIdentifier=scene.instance)["DBInstances"][0]


def _is_available(scene: Scene) -> bool:
    return bool(_instance(scene)["DBInstanceStatus"] == "available")
