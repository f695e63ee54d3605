"""What people hear of a failover, and when."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rds_operations.domain.alert_texts import email_text, subject
from rds_operations.domain.alerts import AlertKind, Severity
from rds_operations.domain.errors import RetryableError
from rds_operations.domain.findings import Findings
from rds_operations.domain.probes import ProbeAnswer
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.prompt_probe import FakePromptProbe
from tests.rds_event_world import COMPLETED_AT, FOUND, HISTORY, INSTANCE, NOTHING_FOUND, RdsEventWorld, probing

STARTED_AT = HISTORY[0].occurred_at
GOLDEN = Path(__file__).parents[1] / "golden"


def test_start_of_a_failover_is_told_at_once() -> None:
    world = RdsEventWorld(now=STARTED_AT + timedelta(seconds=29), probe=probing())

    response = world.react("failover_started").as_response()

    [alert] = world.topic.published
    assert (alert.kind, alert.severity) == (AlertKind.FAILOVER, Severity.CRITICAL)
    assert world.enrichment.asked == []
    assert world.probe
    assert world.probe.asked == 0
    assert (response["severity"], response["action"]) == ("critical", "alerted")


def test_completed_failover_is_told_with_its_duration() -> None:
    world = RdsEventWorld(probe=probing())

    response = world.react("failover_completed").as_response()

    [alert] = world.topic.published
    assert (alert.kind, alert.severity) == (AlertKind.FAILOVER, Severity.RESOLVED)
    assert subject(alert) == "RESOLVED langpont-prod-db: Multi-AZ failover completed after 43.172 s"
    assert response == {
        "event_id": "RDS-EVENT-0049",
        "category": "failover",
        "severity": "resolved",
        "action": "alerted",
        "reason": "RDS-EVENT-0049 needs a person",
        "resource": "langpont-prod-db",
        "alert_id": alert.id,
        "failover_duration_seconds": 43.172,
        "duration_source": "events",
        "instance_status": "available",
        "writable": True,
        "replicas": {"langpont-prod-replica-1": "available"},
        "replicas_follow": True,
        "availability_zone": None,
        "follow_up": "failover-completed-dfe2a7590e56795a0c7fd4bcec88d201",
    }


def test_duration_of_a_failover_becomes_a_metric() -> None:
    world = RdsEventWorld()

    world.react("failover_completed")

    assert (world.metrics.values, world.metrics.units) == (
        {"failover_duration_seconds": 43.172},
        {"failover_duration_seconds": "Seconds"},
    )


def test_alert_of_a_completed_failover_reads_as_agreed() -> None:
    world = RdsEventWorld(probe=probing())

    world.react("failover_completed")

    assert email_text(world.topic.published[0]) == (GOLDEN / "failover_completed.txt").read_text(encoding="utf-8")


def test_facts_say_what_is_not_known_and_why() -> None:
    world = RdsEventWorld()

    world.react("failover_completed")

    facts = world.topic.published[0].facts
    assert (facts["writable"], facts["writable_note"]) == (None, "no probe is set up")
    assert (facts["availability_zone"], facts["availability_zone_note"]) == (
        None,
        "RDS shows the move one to nine minutes later",
    )
    assert facts["rds_reasons"] == ["The user requested a failover of the DB instance."]
    assert facts["root_cause"] == 'somebody asked for it (RDS: "The user requested a failover of the DB instance.")'


def test_completion_is_resolved_while_rds_still_says_rebooting() -> None:
    world = RdsEventWorld(replace(FOUND, instance=replace(INSTANCE, status="rebooting")))

    response = world.react("failover_completed").as_response()

    assert (response["severity"], response["instance_status"]) == ("resolved", "rebooting")
    assert (
        "The instance is rebooting, as RDS keeps saying for some seconds after a completed failover. It took 43.172 s "
    ) in world.topic.published[0].summary


@pytest.mark.parametrize("status", ["modifying", "failed", "storage-full"])
def test_completion_is_a_warning_while_the_instance_has_another_status(status: str) -> None:
    world = RdsEventWorld(replace(FOUND, instance=replace(INSTANCE, status=status)))

    response = world.react("failover_completed").as_response()

    assert (response["severity"], response["instance_status"]) == ("warning", status)


def test_zones_that_rds_shows_are_kept_for_comparison() -> None:
    world = RdsEventWorld()

    world.react("failover_completed")

    assert world.topic.published[0].facts["zones_shown"] == {"primary": "ap-northeast-1a", "standby": "ap-northeast-1c"}


def test_failover_without_a_known_start_has_no_duration() -> None:
    world = RdsEventWorld(replace(FOUND, history=HISTORY[2:]))

    response = world.react("failover_completed").as_response()

    [alert] = world.topic.published
    assert (response["failover_duration_seconds"], response["duration_source"]) == (None, None)
    assert "RDS's events do not tell how long it took" in alert.summary
    assert (
        alert.facts["failover_duration_seconds_note"] == "RDS's event history does not tell when the failover started"
    )
    assert not world.metrics.values


def test_alert_goes_out_without_enrichment_and_says_so() -> None:
    world = RdsEventWorld(NOTHING_FOUND)

    response = world.react("failover_completed").as_response()

    [alert] = world.topic.published
    assert "(enrichment unavailable: describing langpont-prod-db took longer than 5 s)" in alert.summary
    assert alert.facts["enrichment_unavailable"] == ["describing langpont-prod-db took longer than 5 s"]
    assert (response["severity"], response["replicas"]) == ("warning", {})


@pytest.mark.parametrize("identifier", ["RDS-EVENT-0015", "RDS-EVENT-0051", "RDS-EVENT-0065"])
def test_other_completions_are_failovers_too(identifier: str) -> None:
    world = RdsEventWorld()

    world.react("failover_completed", EventID=identifier)

    [alert] = world.topic.published
    assert (alert.kind, alert.facts["failover_duration_seconds"]) == (AlertKind.FAILOVER, 43.172)


def test_drill_is_labelled_everywhere_a_person_looks() -> None:
    world = RdsEventWorld()

    world.react("drill_failover_completed")

    [alert] = world.topic.published
    assert subject(alert).startswith("[DRILL] RESOLVED langpont-prod-db: ")
    assert alert.title.startswith("[DRILL] ")
    assert alert.facts["drill"] is True
    assert alert.source["type"] == "langpont.drill"


def test_drill_is_neither_timed_by_the_real_history_nor_measured() -> None:
    world = RdsEventWorld()

    response = world.react("drill_failover_completed").as_response()

    [alert] = world.topic.published
    assert (response["failover_duration_seconds"], response["duration_source"]) == (None, None)
    assert alert.title == "[DRILL] Multi-AZ failover completed"
    assert "This is a drill, of which RDS's events tell no duration." in alert.summary
    assert alert.facts["failover_duration_seconds_note"] == "a drill is not in RDS's event history"
    assert "rds_reasons" not in alert.facts
    assert not world.metrics.added


def test_late_event_looks_back_to_its_own_time() -> None:
    world = RdsEventWorld(now=COMPLETED_AT + timedelta(hours=6))

    world.react("failover_completed")

    assert world.enrichment.asked == [("langpont-prod-db", timedelta(hours=7))]


def test_redelivered_event_has_the_same_alert_id() -> None:
    world = RdsEventWorld()

    world.react("failover_completed")
    world.react("failover_completed")

    first, second = world.topic.published
    assert first.id == second.id


def test_failed_publication_is_raised_and_not_measured() -> None:
    world = RdsEventWorld(topic=FakeAlertTopic({"langpont-prod-db": RetryableError("the topic throttled")}))

    with pytest.raises(RetryableError, match="the topic throttled"):
        world.react("failover_completed")

    assert not world.metrics.values


def test_start_that_comes_after_its_completion_alarms_nobody() -> None:
    world = RdsEventWorld(now=STARTED_AT + timedelta(seconds=31))

    response = world.react("failover_started").as_response()

    [alert] = world.topic.published
    assert (alert.severity, alert.title) == (Severity.RESOLVED, "Multi-AZ failover started, and is over")
    assert "follow_up" not in response


@pytest.mark.parametrize("findings", [replace(FOUND, history=HISTORY[:2]), NOTHING_FOUND])
def test_late_start_without_a_known_completion_is_critical(findings: Findings) -> None:
    world = RdsEventWorld(findings, now=STARTED_AT + timedelta(minutes=5))

    response = world.react("failover_started").as_response()

    assert response["severity"] == "critical"
    assert "follow_up" in response


def test_database_is_asked_once_and_in_the_same_time_as_rds() -> None:
    probe = probing()
    world = RdsEventWorld(probe=probe)

    world.react("failover_completed")

    assert (probe.asked, probe.waited, len(world.enrichment.asked)) == (1, 1, 1)


def test_database_that_takes_writes_is_told_in_words() -> None:
    world = RdsEventWorld(probe=probing())

    response = world.react("failover_completed").as_response()

    assert (response["writable"], response["replicas_follow"]) == (True, True)
    assert world.topic.published[0].summary.startswith("The database takes writes again: it was reached in 41 ms")


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        (probing(writable=False, in_recovery=True), "takes NO WRITES"),
        (probing(reachable=False, writable=None, replicas=(), error="nobody answered in 3 s"), "could NOT BE REACHED"),
    ],
)
def test_database_without_writes_is_critical_whatever_rds_says(probe: FakePromptProbe, words: str) -> None:
    world = RdsEventWorld(probe=probe)

    response = world.react("failover_completed").as_response()

    assert (response["severity"], response["instance_status"]) == ("critical", "available")
    assert words in world.topic.published[0].summary


def test_alert_goes_out_without_the_probe_and_says_so() -> None:
    missing = "asking the database took longer than 5 s"
    world = RdsEventWorld(probe=FakePromptProbe(ProbeAnswer(missing=missing)))

    response = world.react("failover_completed").as_response()

    [alert] = world.topic.published
    assert (response["writable"], response["severity"]) == (None, "resolved")
    assert alert.facts["writable_note"] == missing
    assert f"Writes were not probed ({missing})" in alert.summary


def test_database_that_takes_writes_is_enough_where_rds_says_nothing() -> None:
    world = RdsEventWorld(NOTHING_FOUND, probe=probing())

    assert world.react("failover_completed").as_response()["severity"] == "resolved"


def test_replica_s_failover_does_not_ask_the_primary() -> None:
    probe = probing(writable=False)
    world = RdsEventWorld(others={"langpont-prod-replica-1": FOUND}, probe=probe)

    response = world.react("failover_completed", SourceIdentifier="langpont-prod-replica-1").as_response()

    assert (probe.asked, response["writable"], response["severity"]) == (0, None, "resolved")
    assert world.topic.published[0].facts["writable_note"] == "only the primary is probed"


def test_latest_restorable_time_is_told_with_the_completion() -> None:
    instance = replace(INSTANCE, latest_restorable_time=COMPLETED_AT - timedelta(minutes=4))
    world = RdsEventWorld(replace(FOUND, instance=instance))

    world.react("failover_completed")

    assert world.topic.published[0].facts["latest_restorable_time"] == "2026-11-23T17:56:43Z"
