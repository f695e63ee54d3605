"""A failover as a subscriber hears of it: the database is asked, and what RDS shows late is told later."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.alerts import ReceivedAlert
from local.demo.scene import Scene
from local.waiting import wait_until

REACT = "ReactToRdsEventFunction"
# The second look is taken 40 s after a completion and 25 s after a start (samconfig.toml); zones move 8 s after the
# new standby stands.
SECOND_LOOK_DEADLINE_SECONDS = 120
ZONES_ARE_SHOWN_AFTER = timedelta(seconds=25)


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """A whole cluster, and no zones still to be shown of an earlier test's failover."""
    wait_until("zones of earlier failovers to be shown", lambda: _is_long_since_a_failover(scene), deadline_seconds=90)
    wait_until("a standby in sync", scene.cluster.is_in_sync, deadline_seconds=60)
    wait_until(
        "an available instance", lambda: _instance(scene)["DBInstanceStatus"] == "available", deadline_seconds=60
    )
    return scene


def test_failover_is_told_by_the_database_and_followed_up_by_zones(ready: Scene) -> None:
    before, since = _zones(ready), datetime.now(UTC)
    ready.aws.rds.reboot_db_instance(DBInstanceIdentifier=ready.instance, ForceFailover=True)

    told = ready.wait_for_alert("the alert of the completion", REACT, lambda a: _is(a, "RDS-EVENT-0049", since))
    late = ready.wait_for(
        "the second look",
        REACT,
        lambda: ready.alerts.take(lambda a: _is(a, "RDS-EVENT-0049", since, "failover_completed")),
        SECOND_LOOK_DEADLINE_SECONDS,
    )

    assert told.body["facts"]["writable"] is True
    assert "takes writes again" in told.body["summary"]
    assert late.body["facts"]["zones_before"] == before
    assert late.body["facts"]["zones_after"] == {"primary": before["standby"], "standby": before["primary"]}
    assert (late.body["facts"]["writable"], late.body["facts"]["multi_az"]) == (True, True)
    assert late.body["id"] != told.body["id"]
    assert ready.stack.denials(REACT) == []


def test_failover_that_is_never_completed_is_told_by_a_timer(ready: Scene) -> None:
    since = datetime.now(UTC)
    _hand_over(ready, "RDS-EVENT-0013", "Multi-AZ instance failover started.")

    started = ready.wait_for_alert("the alert of the start", REACT, lambda a: _is(a, "RDS-EVENT-0013", since))
    overdue = ready.wait_for(
        "the alert that it is overdue",
        REACT,
        lambda: ready.alerts.take(lambda a: _is(a, "RDS-EVENT-0013", since, "failover_started")),
        SECOND_LOOK_DEADLINE_SECONDS,
    )

    assert (started.body["severity"], overdue.body["severity"]) == ("critical", "critical")
    assert "tell a start and no completion" in overdue.body["summary"]
    assert overdue.body["facts"]["writable"] is True


def _is(alert: ReceivedAlert, event_id: str, since: datetime, follow_up: str | None = None) -> bool:
    """Tell whether it is about that event, and none of another test's; other alerts have no source."""
    source: dict[str, Any] = alert.body.get("source", {})
    is_about = source.get("event_id") == event_id and source.get("follow_up") == follow_up
    return is_about and datetime.fromisoformat(alert.body["occurred_at"]) >= since.replace(microsecond=0)


def _hand_over(scene: Scene, event_id: str, message: str) -> None:
    """Invoke the function as the rule would: no client may put an event of RDS's on the bus."""
    now = datetime.now(UTC)
    detail = {
        "EventCategories": ["failover"],
        "SourceType": "DB_INSTANCE",
        "SourceArn": _instance(scene)["DBInstanceArn"],
        "Date": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Message": message,
        "SourceIdentifier": scene.instance,
        "EventID": event_id,
    }
    event = {
        "id": "e2e",
        "source": "aws.rds",
        "detail-type": "RDS DB Instance Event",
        "region": scene.environment.region,
        "time": now.isoformat(timespec="seconds"),
        "detail": detail,
    }
    assert scene.stack.invoke(REACT, event)["action"] == "alerted"


def _is_long_since_a_failover(scene: Scene) -> bool:
    events = scene.aws.rds.describe_events(SourceIdentifier=scene.instance, SourceType="db-instance", Duration=60)
    times = [event["Date"] for event in events["Events"] if "failover" in event["EventCategories"]]
    return all(datetime.now(UTC) - time > ZONES_ARE_SHOWN_AFTER for time in times)


def _zones(scene: Scene) -> dict[str, str]:
    instance = _instance(scene)
    return {"primary": instance["AvailabilityZone"], "standby": instance["SecondaryAvailabilityZone"]}


def _instance(scene: Scene) -> Any:
    return scene.aws.rds.describe_db_instances(DBInstanceIdentifier=scene.instance)["DBInstances"][0]
