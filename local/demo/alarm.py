"""Step: data drive the alarm into ALARM and back, and a subscriber reads both."""

from datetime import UTC, datetime, timedelta

from local.alerts import ReceivedAlert
from local.demo.report import lines
from local.demo.scene import Scene
from local.errors import LocalError
from local.waiting import wait_until

REACT = "ReactToAlarmFunction"
PERIOD = timedelta(minutes=5)
BUSY_PERCENT, IDLE_PERCENT = 97.0, 3.0


def show_alarm(scene: Scene) -> str:
    """Report a busy processor, then an idle one."""
    busy = _provoke(scene, BUSY_PERCENT, "ALARM", "warning")
    resolved = _provoke(scene, IDLE_PERCENT, "OK", "resolved")
    scene.refuse_denials(REACT)
    return lines([f"subject: {busy.subject}", *_text(busy), f"then: {resolved.subject}"])


def _provoke(scene: Scene, percent: float, state: str, severity: str) -> ReceivedAlert:
    name = _alarm_name(scene)
    _report(scene, percent)
    wait_until(f"the alarm {name} to be {state}", lambda: _state(scene, name) == state, deadline_seconds=10)
    return scene.wait_for_alert(
        f"the alert that {name} is {state}",
        REACT,
        lambda alert: alert.body["severity"] == severity and alert.body["facts"].get("alarm_name") == name,
    )


def _report(scene: Scene, percent: float) -> None:
    """Put one value into each of the alarm's two periods."""
    now = datetime.now(UTC)
    scene.aws.cloudwatch.put_metric_data(
        Namespace="AWS/RDS",
        MetricData=[
            {
                "MetricName": "CPUUtilization",
                "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": scene.instance}],
                "Timestamp": now - age,
                "Value": percent,
                "Unit": "Percent",
            }
            for age in (PERIOD + timedelta(seconds=30), timedelta(0))
        ],
    )


def _alarm_name(scene: Scene) -> str:
    return scene.stack.physical_id("CpuHighAlarm")


def _state(scene: Scene, name: str) -> str:
    alarms = scene.aws.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if not alarms:
        raise LocalError(f"there is no alarm {name}")
    return alarms[0]["StateValue"]


def _text(alert: ReceivedAlert) -> list[str]:
    return [alert.body["summary"], *(f"{name}: {value}" for name, value in alert.body["facts"].items())]
