"""Every alarm of the deployed stack reaches people: forced into ALARM it arrives as an alert, and so does its end."""

import re
from collections.abc import Collection, Iterator
from functools import partial
from itertools import batched
from typing import Any, Literal, cast

import pytest

from local.alerts import CLOUDWATCH_ALARM, AlertsQueue, ReceivedAlert
from local.demo.scene import Scene
from local.waiting import last_value, wait_until
from tests.templates import TEMPLATES, transformed

type Alarm = dict[str, Any]
type State = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]

KINDS = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
REACT = "ReactToAlarmFunction"
OPPOSITE: dict[State, State] = {"ALARM": "OK", "OK": "ALARM"}
# So many alarms speak at a time: each starts a function of its own.
BATCH = 8
DEADLINE_SECONDS = 60.0
_CONDITION = re.compile(r"(NOT\s+)?(ALARM|OK|INSUFFICIENT_DATA)\(\"?([^\")]+)\"?\)")


@pytest.fixture(scope="module")
def queue(scene: Scene) -> Iterator[AlertsQueue]:
    """Read alerts beside the others' reader, and leave them neither alarms nor alerts."""
    queue = AlertsQueue(scene.aws, scene.environment.alerts_queue_url)
    yield queue
    _silence(scene, queue)


@pytest.fixture(scope="module")
def alarms(scene: Scene) -> dict[str, Alarm]:
    return {alarm["AlarmName"]: alarm for alarm in _described(scene)}


def test_every_alarm_of_the_stacks_is_there(scene: Scene, alarms: dict[str, Alarm]) -> None:
    deployed = set(_deployed(scene, scene.environment.stack_name))

    assert set(alarms) == deployed
    assert len(alarms) > 20


def test_every_alarm_that_speaks_arrives_as_an_alert(
    scene: Scene, queue: AlertsQueue, alarms: dict[str, Alarm]
) -> None:
    speaking = [name for name, alarm in alarms.items() if alarm["AlarmActions"]]
    straight = scene.stack.physical_id("AutomationAlarmsTopic")

    found = _told(scene, queue, speaking, "ALARM")

    assert {name for name, alert in found.items() if alert.body["kind"] == CLOUDWATCH_ALARM} == {
        name for name in speaking if straight in alarms[name]["AlarmActions"]
    }
    assert {alert.body["severity"] for alert in found.values()} == {"", "critical", "warning"}
    assert scene.stack.denials(REACT) == []


def test_end_of_every_alarm_that_speaks_arrives_too(scene: Scene, queue: AlertsQueue, alarms: dict[str, Alarm]) -> None:
    speaking = [name for name, alarm in alarms.items() if alarm["AlarmActions"]]

    found = _told(scene, queue, speaking, "OK")

    assert {alert.body["severity"] for alert in found.values()} == {"", "resolved"}


def test_alarm_that_is_silent_has_a_composite_that_speaks_for_it(alarms: dict[str, Alarm]) -> None:
    spoken_for = {child for alarm in alarms.values() if alarm["AlarmActions"] for _, child in _conditions(alarm)}
    silent = {name for name, alarm in alarms.items() if not alarm["AlarmActions"]}
    written_silent = [
        logical_id
        for stack in TEMPLATES
        for logical_id, resource in transformed(stack)["Resources"].items()
        if resource["Type"] in KINDS and not resource["Properties"].get("AlarmActions")
    ]

    assert silent <= spoken_for
    assert len(silent) <= len(written_silent)


def test_children_move_their_composite_which_tells_of_them(
    scene: Scene, queue: AlertsQueue, alarms: dict[str, Alarm]
) -> None:
    composites = [name for name, alarm in alarms.items() if "AlarmRule" in alarm]
    _silence(scene, queue)

    for name in composites:
        wait_until(f"{name} to be in alarm", partial(_moved, scene, alarms[name]), deadline_seconds=10)
    found = _received(queue, composites, "ALARM", "transitioned to ALARM")

    assert composites
    for name, alert in found.items():
        children = {child for _, child in _conditions(alarms[name])}
        assert children & {arn.rsplit(":", 1)[-1] for arn in alert.body["facts"]["triggering_alarms"]}


def _described(scene: Scene) -> Iterator[Alarm]:
    pages = scene.aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    for page in pages:
        yield from (cast("Alarm", alarm) for alarm in [*page["MetricAlarms"], *page["CompositeAlarms"]])


def _deployed(scene: Scene, stack: str) -> Iterator[str]:
    """Yield the names of the alarms of a stack and of the stacks in it."""
    for resource in scene.aws.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
        if resource["ResourceType"] in KINDS:
            yield resource["PhysicalResourceId"]
        if resource["ResourceType"] == "AWS::CloudFormation::Stack":
            yield from _deployed(scene, resource["PhysicalResourceId"])


def _told(scene: Scene, queue: AlertsQueue, names: Collection[str], state: State) -> dict[str, ReceivedAlert]:
    """Return what arrives of each alarm that is moved to a state."""
    found: dict[str, ReceivedAlert] = {}
    for batch in batched(names, BATCH, strict=False):
        for name in batch:
            # A state that the alarm has already would tell nobody.
            _set(scene, name, OPPOSITE[state])
            _set(scene, name, state)
        found |= _received(queue, batch, state)
    return found


def _received(queue: AlertsQueue, names: Collection[str], state: State, reason: str = "") -> dict[str, ReceivedAlert]:
    found: dict[str, ReceivedAlert] = {}

    def is_wanted(alert: ReceivedAlert) -> bool:
        is_new = _name(alert) in names and _name(alert) not in found
        return is_new and _state(alert) == state and reason in _reason(alert)

    def all_have_come() -> bool:
        while alert := queue.take(is_wanted):
            found[_name(alert)] = alert
        return len(found) == len(names)

    last_value(all_have_come, deadline_seconds=DEADLINE_SECONDS)
    missing = sorted(set(names) - set(found))
    assert not missing, f"{state} of {missing} was not told within {DEADLINE_SECONDS:g} s"
    return found


def _name(alert: ReceivedAlert) -> str:
    is_own = alert.body["kind"] == "alarm"
    return str(alert.body["facts"]["alarm_name"] if is_own else alert.body["resource"])


def _state(alert: ReceivedAlert) -> str:
    facts = alert.body["facts"]
    return str(facts["NewStateValue"] if alert.body["kind"] == CLOUDWATCH_ALARM else facts.get("state", "")).split(",")[
        0
    ]


def _reason(alert: ReceivedAlert) -> str:
    facts = alert.body["facts"]
    return str(facts.get("NewStateReason") or facts.get("reason", ""))


def _set(scene: Scene, name: str, state: State) -> None:
    scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="tried by a test")


def _conditions(alarm: Alarm) -> list[tuple[State, str]]:
    """Return which state of which child brings a composite alarm nearer to ALARM."""
    found = _CONDITION.findall(alarm.get("AlarmRule", ""))
    return [(OPPOSITE[state] if negated else state, child.rsplit(":", 1)[-1]) for negated, state, child in found]


def _moved(scene: Scene, composite: Alarm) -> bool:
    for state, child in _conditions(composite):
        _set(scene, child, state)
    name = composite["AlarmName"]
    answer = scene.aws.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    return answer["CompositeAlarms"][0]["StateValue"] == "ALARM"


def _silence(scene: Scene, queue: AlertsQueue) -> None:
    """Bring every alarm to OK, composites last, and take what is said of it."""
    alarms = sorted(_described(scene), key=lambda alarm: "AlarmRule" in alarm)
    for batch in batched(alarms, BATCH, strict=False):
        for alarm in batch:
            _set(scene, alarm["AlarmName"], "OK")
        _received(queue, [a["AlarmName"] for a in batch if a["OKActions"] and a["StateValue"] != "OK"], "OK")
