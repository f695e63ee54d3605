"""What an alarm's alert holds in the deployed stack."""

import time
from collections.abc import Callable
from typing import Literal

import pytest

from local.alerts import ReceivedAlert
from local.demo.scene import Scene
from local.waiting import wait_until

type State = Literal["ALARM", "OK"]

ALARM = "ReactToAlarmFunction"
# The local history counts whole seconds, and changes within one are taken for the same.
SECONDS_ON = 2.5
# A function that starts on a busy machine may take longer than the 5 s that an alert waits.
ATTEMPTS = 4


def _told(reason: str) -> Callable[[ReceivedAlert], bool]:
    return lambda alert: alert.body["kind"] == "alarm" and alert.body["facts"]["reason"] == reason


def _set(scene: Scene, alarm: str, state: State, reason: str) -> None:
    name = f"langpont-prod-{alarm}"
    scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)


@pytest.mark.parametrize(
    ("alarm", "kind"),
    [
        ("rds-cpu-high", "statements"),
        ("connections-high", "connections"),
        ("storage-low", "storage"),
        ("replica-lag-1", "replication"),
        ("replica-lag-1", "replay"),
        ("transaction-ids-high", "transaction_ids"),
        ("db-load-high", "locks"),
    ],
)
def test_alert_holds_what_the_database_says(scene: Scene, alarm: str, kind: str) -> None:
    found: dict[str, list[str]] = {}
    for attempt in range(ATTEMPTS):
        reason = f"diagnosed {alarm}, attempt {attempt}"
        _set(scene, alarm, "OK", "-")
        _set(scene, alarm, "ALARM", reason)
        alert = scene.wait_for_alert("the alert", ALARM, _told(reason))
        found = alert.body["facts"]
        if f"database_{kind}" in found:
            break

    assert found.get(f"database_{kind}"), found.get("enrichment_unavailable")
    assert scene.stack.denials(ALARM) == []


def test_end_of_an_alarm_tells_how_long_it_was_on(scene: Scene) -> None:
    _set(scene, "memory-low", "ALARM", "on for seconds")
    came_on = time.monotonic()
    wait_until("seconds to pass", lambda: time.monotonic() - came_on > SECONDS_ON, deadline_seconds=30)
    _set(scene, "memory-low", "OK", "over again")

    alert = scene.wait_for_alert("the end", ALARM, _told("over again"))

    assert alert.body["facts"]["time_in_alarm_seconds"] >= 1
    assert alert.body["facts"]["times_in_alarm_24_hours"] >= 1


def test_end_of_a_composite_alarm_asks_for_its_alarms_and_is_denied_nothing(scene: Scene) -> None:
    _set(scene, "replica-behind-1", "ALARM", "behind for seconds")
    came_on = time.monotonic()
    wait_until("seconds to pass", lambda: time.monotonic() - came_on > SECONDS_ON, deadline_seconds=30)
    _set(scene, "replica-behind-1", "OK", "caught up")

    alert = scene.wait_for_alert("the end", ALARM, _told("caught up"))

    assert alert.body["facts"]["time_in_alarm_seconds"] >= 1
    assert "describing the alarms" not in str(alert.body["facts"].get("enrichment_unavailable"))
    assert scene.stack.denials(ALARM) == []
