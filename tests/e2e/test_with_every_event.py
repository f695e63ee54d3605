"""Every file in events/ of the reactions, through the deployed functions; last, for some are of alarms of others.

What others' alarms did is not for this kit to read: those denials stay in the log.
"""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from local.alerts import ReceivedAlert
from local.demo.scene import Scene
from local.redrive.places import embedded_place
from tests.samples import good_names, malformed_names, sample

REACT, ALARM = "ReactToRdsEventFunction", "ReactToAlarmFunction"
AT_ONCE = 4
DEADLINE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What a function made of one file."""

    name: str
    failed: bool
    content: Any


def _invoke(scene: Scene, function: str, folder: str, names: Iterable[str]) -> list[Answer]:
    physical_id = scene.stack.physical_id(function)

    def one(name: str) -> Answer:
        payload = json.dumps(sample(folder, name)).encode()
        answer = scene.aws.functions.invoke(FunctionName=physical_id, Payload=payload)
        return Answer(name, "FunctionError" in answer, json.loads(answer["Payload"].read()))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, names))


def _alert(scene: Scene, what: str, alert_id: object) -> ReceivedAlert:
    def is_it(alert: ReceivedAlert) -> bool:
        return alert.body.get("id") == alert_id

    return scene.alerts.wait_for(f"the alert of {what}", is_it, deadline_seconds=DEADLINE_SECONDS)


def _forget_second_looks(scene: Scene, answers: Iterable[Answer]) -> None:
    """Remove the timers that these events have set, for they never happened."""
    wanted = {answer.content["follow_up"] for answer in answers if "follow_up" in answer.content}
    place = embedded_place(scene.environment)
    scheduler = place.session.client("scheduler", endpoint_url=place.endpoint_url)
    for page in scheduler.get_paginator("list_schedules").paginate():
        for schedule in page["Schedules"]:
            if schedule["Name"] in wanted:
                scheduler.delete_schedule(GroupName=schedule["GroupName"], Name=schedule["Name"])


def _is_of(name: str) -> Callable[[ReceivedAlert], bool]:
    """Return what knows the alert of an alarm's file: by SNS's identifier, or by the text that was passed on."""
    sns = sample("react_to_alarm", name)["Records"][0]["Sns"]
    return lambda alert: (
        sns["MessageId"] == alert.body.get("source", {}).get("id") or (sns["Message"] == alert.body.get("message"))
    )


def test_every_rds_event_is_told_or_recorded(scene: Scene) -> None:
    answers = _invoke(scene, REACT, "react_to_rds_event", good_names("react_to_rds_event"))
    _forget_second_looks(scene, [answer for answer in answers if not answer.failed])

    assert [answer for answer in answers if answer.failed] == []
    alerted = [answer for answer in answers if answer.content["action"] == "alerted"]
    assert len(alerted) > 90
    for answer in alerted:
        alert = _alert(scene, answer.name, answer.content["alert_id"])
        assert alert.body["severity"] == answer.content["severity"]
        assert len(alert.subject) < 100
    assert scene.stack.denials(REACT) == []


def test_every_alarm_variant_is_told(scene: Scene) -> None:
    names = [name for name in good_names("react_to_alarm") if not name.startswith("mixed")]

    answers = _invoke(scene, ALARM, "react_to_alarm", names)

    assert [answer for answer in answers if answer.failed or answer.content != {"published": 1, "failed": 0}] == []
    for name in names:
        alert = scene.alerts.wait_for(f"the alert of {name}", _is_of(name), deadline_seconds=DEADLINE_SECONDS)
        assert len(alert.subject) < 100


@pytest.mark.parametrize(("function", "folder"), [(REACT, "react_to_rds_event"), (ALARM, "react_to_alarm")])
def test_malformed_events_fail_by_the_name_of_their_field(scene: Scene, function: str, folder: str) -> None:
    answers = _invoke(scene, function, folder, malformed_names(folder))

    assert [answer.name for answer in answers if not answer.failed] == []
    assert all(", allowed: " in answer.content["errorMessage"] for answer in answers)
