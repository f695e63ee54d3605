"""The local AWS's alarms: the state that data call for, the words of the notification, and who may get it."""

import json
from pathlib import Path
from typing import Any

import pytest
from ministack.services import sns

from local.aws.alarm_messages import notification, region_name
from local.aws.gaps.alarms import decide_state, notify

ALARM: dict[str, Any] = {
    "AlarmName": "langpont-prod-rds-cpu-high",
    "AlarmArn": "arn:aws:cloudwatch:ap-northeast-1:000000000000:alarm:langpont-prod-rds-cpu-high",
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/RDS",
    "Statistic": "Average",
    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "langpont-prod-db"}],
    "Period": 300,
    "EvaluationPeriods": 2,
    "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "missing",
}
TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms"
COMPOSITE: dict[str, Any] = {
    "AlarmName": "langpont-prod-replica-behind",
    "AlarmArn": "arn:aws:cloudwatch:ap-northeast-1:000000000000:alarm:langpont-prod-replica-behind",
    "AlarmRule": 'ALARM("lag") AND ALARM("replay")',
    "AlarmActions": [TOPIC],
    "StateReasonData": json.dumps(
        {
            "triggeringAlarms": [
                {"arn": "arn:lag", "state": {"value": "ALARM", "timestamp": "2026-11-23T18:12:00.640+0000"}}
            ]
        }
    ),
}
SAMPLES = Path(__file__).parents[2] / "events/react_to_alarm"


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ([97.0, 97.0], "ALARM"),
        ([97.0, 12.0], "OK"),
        ([80.0, 80.0], "OK"),
        ([97.0, None], "OK"),
        ([None, None], "INSUFFICIENT_DATA"),
    ],
)
def test_every_evaluated_period_has_to_breach(values: list[float | None], state: str) -> None:
    assert decide_state(ALARM, values) == state


@pytest.mark.parametrize(("treatment", "state"), [("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", None)])
def test_missing_data_are_treated_as_the_alarm_says(treatment: str, state: str | None) -> None:
    assert decide_state({**ALARM, "TreatMissingData": treatment}, [None, None]) == state


def test_one_breach_of_two_is_enough_where_the_alarm_says_so() -> None:
    assert decide_state({**ALARM, "DatapointsToAlarm": 1}, [97.0, 12.0]) == "ALARM"


def test_notification_has_the_keys_of_a_captured_one() -> None:
    captured = _captured("metric_alarm.json")

    told = notification(ALARM, "OK", "ALARM", "Threshold Crossed")

    assert set(told) <= set(captured) | {"AlarmConfigurationUpdatedTimestamp"}
    assert set(told["Trigger"]) <= set(captured["Trigger"]) | {"DatapointsToAlarm"}


def test_composite_alarm_tells_its_rule_and_children_instead_of_a_trigger() -> None:
    captured = _captured("composite.json")

    told = notification(COMPOSITE, "OK", "ALARM", "arn:lag transitioned to ALARM")

    assert set(told) == set(captured)
    assert told["TriggeringChildren"][0].keys() == captured["TriggeringChildren"][0].keys()
    assert told["TriggeringChildren"][0]["State"].keys() == captured["TriggeringChildren"][0]["State"].keys()


def test_composite_alarm_set_by_hand_has_no_triggering_children() -> None:
    by_hand = {name: value for name, value in COMPOSITE.items() if name != "StateReasonData"}

    assert notification(by_hand, "OK", "ALARM", "tried by hand")["TriggeringChildren"] == []


def test_topic_gets_a_notification_only_if_its_policy_lets_cloudwatch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[str] = []
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish"}
    policy = json.dumps({"Statement": [{**allow, "Resource": TOPIC}]})
    monkeypatch.setattr(sns, "_fanout", lambda *arguments: sent.append(arguments[3]))
    monkeypatch.setattr(sns, "topic_policy_for_arn", lambda _: ("", "000000000000"))
    notify(COMPOSITE, "OK", "ALARM", "denied")
    monkeypatch.setattr(sns, "topic_policy_for_arn", lambda _: (policy, "000000000000"))
    notify(COMPOSITE, "OK", "ALARM", "allowed")

    assert len(sent) == 1
    assert f"{COMPOSITE['AlarmArn']} was denied sns:Publish on {TOPIC}" in caplog.text


def test_region_is_told_by_its_display_name() -> None:
    assert region_name("ap-northeast-1") == "Asia Pacific (Tokyo)"


def _captured(name: str) -> dict[str, Any]:
    """Return the message of a sample."""
    sample = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    message: dict[str, Any] = json.loads(sample["Records"][0]["Sns"]["Message"])
    return message
