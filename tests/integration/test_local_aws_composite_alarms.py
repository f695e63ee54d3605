"""The local AWS's composite alarms: made by template, moved by their children, told in their own words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import sns

from local.aws.gaps import alarms, composite_alarms
from tests.emulator import call, reasons, restored, status

TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms"

type Message = dict[str, Any]


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Message]]:
    """Return what reaches the topic, which lets CloudWatch publish."""
    messages: list[Message] = []
    statement = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish"}
    policy = json.dumps({"Statement": [{**statement, "Resource": TOPIC}]})
    monkeypatch.setattr(sns, "_fanout", lambda *arguments: messages.append(json.loads(arguments[2])))
    monkeypatch.setattr(sns, "topic_policy_for_arn", lambda _: (policy, "000000000000"))
    with restored():
        alarms.install()
        composite_alarms.install()
        yield messages


def _child(name: str, **more: Any) -> dict[str, Any]:
    watched = {"Namespace": "N", "MetricName": name, "Statistic": "Average", "Period": 60, "EvaluationPeriods": 1}
    limit = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": name, **watched, **limit, **more}}


def _composite(rule: str, **more: Any) -> dict[str, Any]:
    properties = {"AlarmName": "behind", "AlarmRule": {"Fn::Sub": rule}, "AlarmActions": [TOPIC], **more}
    return {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {**properties, "OKActions": [TOPIC]}}


def _deploy(operation: str, **resources: Any) -> None:
    call("cloudformation", operation, StackName="root", TemplateBody=json.dumps({"Resources": resources}))


def _set(name: str, state: str) -> None:
    call("cloudwatch", "SetAlarmState", AlarmName=name, StateValue=state, StateReason="tried by hand")


def _state(name: str = "behind") -> str:
    found = call("cloudwatch", "DescribeAlarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    (alarm,) = found["MetricAlarms"] + found["CompositeAlarms"]
    return str(alarm["StateValue"])


@pytest.mark.parametrize(
    ("rule", "moves"),
    [
        ('ALARM("${Lag}") AND ALARM("${Replay}")', ["OK", "ALARM"]),
        ('ALARM("${Lag}") OR ALARM("${Replay}")', ["ALARM", "ALARM"]),
        ("ALARM(${Lag.Arn}) AND NOT (OK(${Replay.Arn}) OR INSUFFICIENT_DATA(${Replay.Arn}))", ["OK", "ALARM"]),
    ],
)
def test_composite_follows_its_children(rule: str, moves: list[str]) -> None:
    _deploy("CreateStack", Lag=_child("lag"), Replay=_child("replay"), Behind=_composite(rule))

    found = []
    for child in ("lag", "replay"):
        _set(child, "ALARM")
        found.append(_state())

    assert status("root") == "CREATE_COMPLETE"
    assert found == moves


def test_message_tells_rule_and_children_and_no_trigger(told: list[Message]) -> None:
    _deploy("CreateStack", Lag=_child("lag"), Behind=_composite('ALARM("${Lag}")'))
    told.clear()

    _set("lag", "ALARM")

    (message,) = told
    assert message["AlarmRule"] == 'ALARM("lag")'
    assert [child["State"]["Value"] for child in message["TriggeringChildren"]] == ["ALARM"]
    assert "Trigger" not in message
    assert " transitioned to ALARM at " in message["NewStateReason"]


def test_composite_set_by_hand_is_told_without_children(told: list[Message]) -> None:
    _deploy("CreateStack", Lag=_child("lag"), Behind=_composite('ALARM("${Lag}")'))
    told.clear()

    _set("behind", "ALARM")

    assert [(message["NewStateValue"], message["TriggeringChildren"]) for message in told] == [("ALARM", [])]


def test_suppressor_in_alarm_keeps_the_composite_silent(told: list[Message]) -> None:
    suppression = {
        "ActionsSuppressor": {"Ref": "Maintenance"},
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 60,
    }
    behind = _composite('ALARM("${Lag}")', **suppression)
    _deploy("CreateStack", Lag=_child("lag"), Maintenance=_child("maintenance"), Behind=behind)
    told.clear()

    _set("maintenance", "ALARM")
    _set("lag", "ALARM")
    silent = (_state(), list(told))
    _set("maintenance", "OK")
    _set("lag", "OK")

    assert silent == ("ALARM", [])
    assert [message["NewStateValue"] for message in told] == ["OK"]


def test_update_changes_the_rule_and_deletion_goes_before_the_children() -> None:
    children = {"Lag": _child("lag"), "Replay": _child("replay")}
    _deploy("CreateStack", **children, Behind=_composite('ALARM("${Lag}")'))
    _set("replay", "ALARM")

    _deploy("UpdateStack", **children, Behind=_composite('ALARM("${Replay}")'))
    after = _state()
    call("cloudformation", "DeleteStack", StackName="root")

    assert after == "ALARM"
    assert call("cloudwatch", "DescribeAlarms")["MetricAlarms"] == []


def test_rule_that_names_nothing_that_exists_fails_in_words() -> None:
    _deploy("CreateStack", Behind=_composite('ALARM("no-such-alarm")'))

    assert status("root") == "ROLLBACK_COMPLETE"
    assert "in the alarm rule do not exist" in reasons("root")[0]
