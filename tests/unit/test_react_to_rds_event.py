"""What people hear of an RDS event, and what is only recorded."""

from dataclasses import replace

import pytest

from rds_operations.domain.alert_texts import machine_form
from rds_operations.domain.alerts import AlertKind, Severity
from rds_operations.domain.findings import Findings
from tests.rds_event_world import FOUND, HISTORY, INSTANCE, NOTHING_FOUND, RdsEventWorld
from tests.samples import good_names, sample


def test_restart_within_a_failover_is_recorded() -> None:
    world = RdsEventWorld()

    response = world.react("restarted").as_response()

    assert (response["action"], world.topic.published) == ("recorded", [])
    assert response["reason"] == "the restart belongs to a failover, which is told by itself"


def test_drill_of_a_restart_is_told_whatever_really_happened() -> None:
    world = RdsEventWorld()

    response = world.react("restarted", {"source": "langpont.drill"}).as_response()

    assert response["action"] == "alerted"


def test_restart_shortly_after_a_completed_failover_is_told() -> None:
    world = RdsEventWorld()

    response = world.react("restarted", Date="2026-11-23T18:03:00Z").as_response()

    assert response["action"] == "alerted"


@pytest.mark.parametrize("findings", [replace(FOUND, history=HISTORY[1:2]), NOTHING_FOUND])
def test_restart_that_no_failover_explains_is_told(findings: Findings) -> None:
    world = RdsEventWorld(findings)

    response = world.react("restarted").as_response()

    assert (response["action"], response["severity"]) == ("alerted", "warning")


@pytest.mark.parametrize("status", ["rebooting", "maintenance", "upgrading", "stopping", "stopped"])
def test_planned_shutdown_is_a_warning(status: str) -> None:
    world = RdsEventWorld(replace(FOUND, instance=replace(INSTANCE, status=status)))

    response = world.react("shut_down").as_response()

    assert (response["action"], response["severity"]) == ("alerted", "warning")
    assert response["reason"] == f"RDS-EVENT-0004 needs a person; the instance is {status}, so it was planned"


@pytest.mark.parametrize(
    "findings", [FOUND, replace(FOUND, instance=replace(INSTANCE, status="failed")), NOTHING_FOUND]
)
def test_shutdown_that_nothing_explains_is_critical(findings: Findings) -> None:
    world = RdsEventWorld(findings)

    assert world.react("shut_down").as_response()["severity"] == "critical"


def test_status_softens_no_other_event() -> None:
    world = RdsEventWorld(replace(FOUND, instance=replace(INSTANCE, status="stopped")))

    assert world.react("low_storage").as_response()["severity"] == "critical"


def test_low_storage_is_told_with_state_and_recent_events() -> None:
    world = RdsEventWorld()

    world.react("low_storage", Date="2026-11-23T18:30:00Z")

    [alert] = world.topic.published
    assert (alert.kind, alert.severity) == (AlertKind.EVENT, Severity.CRITICAL)
    assert alert.facts["instance_status"] == "available"
    assert alert.facts["recent_events"] == [
        "18:00:00 Multi-AZ instance failover started. (failover)",
        "18:00:21 DB instance restarted (availability)",
        "18:00:43 The user requested a failover of the DB instance. (failover)",
        "18:00:43 Multi-AZ instance failover completed (failover)",
    ]


@pytest.mark.parametrize("name", ["snapshot_created", "automated_snapshot_created", "parameter_group_changed"])
def test_routine_event_is_recorded_and_quiet(name: str) -> None:
    world = RdsEventWorld()

    response = world.react(name).as_response()

    assert (response["action"], response["alert_id"], world.topic.published) == ("recorded", None, [])


def test_unknown_event_is_told_by_its_category() -> None:
    world = RdsEventWorld()

    response = world.react("unknown_identifier").as_response()

    assert (response["action"], response["severity"], response["category"]) == ("alerted", "critical", "failure")
    assert response["reason"] == "RDS-EVENT-9999 is unknown, judged by failure"


def test_instance_of_someone_else_is_recorded() -> None:
    world = RdsEventWorld()

    response = world.react("low_storage", SourceIdentifier="orders-prod-db").as_response()

    assert (response["action"], world.topic.published) == ("recorded", [])
    assert response["reason"] == "orders-prod-db is not an instance of this deployment"


def test_replica_of_another_name_is_known_by_its_primary() -> None:
    analytics = Findings(replace(INSTANCE, identifier="analytics", status="stopped", replica_identifiers=()))
    world = RdsEventWorld(others={"analytics": analytics})

    response = world.react("replica_stopped", SourceIdentifier="analytics").as_response()

    assert response["action"] == "alerted"
    assert world.topic.published[0].facts["instance_status"] == "stopped"


def test_instance_and_primary_are_asked_about_in_one_look_up() -> None:
    world = RdsEventWorld()

    world.react("replica_stopped", SourceIdentifier="analytics")

    assert [identifier for identifier, _ in world.enrichment.asked] == ["analytics"]


def test_failover_of_a_stranger_is_recorded() -> None:
    world = RdsEventWorld()

    response = world.react("failover_started", SourceIdentifier="langpont-prod-orders").as_response()

    assert (response["action"], world.topic.published) == ("recorded", [])


def test_event_is_told_when_nobody_knows_whose_it_is() -> None:
    world = RdsEventWorld(NOTHING_FOUND)

    response = world.react("low_storage", SourceIdentifier="orders-prod-db").as_response()

    assert response["action"] == "alerted"


@pytest.mark.parametrize("name", good_names("react_to_rds_event"))
def test_every_sample_gets_a_complete_response(name: str) -> None:
    world = RdsEventWorld()

    response = world.respond(sample("react_to_rds_event", name))

    assert {"event_id", "category", "severity", "action"} <= response.keys()
    assert all(machine_form(alert)["summary"] for alert in world.topic.published)
