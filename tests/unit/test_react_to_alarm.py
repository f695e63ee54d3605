"""What people hear of an alarm."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rds_operations.domain.alarm_findings import AlarmFindings, Peak
from rds_operations.domain.alarm_history import AlarmPast
from rds_operations.domain.alert_texts import email_text, subject
from rds_operations.domain.alerts import AlertKind, Severity
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.diagnoses import Diagnosis, DiagnosisKind
from rds_operations.domain.errors import PartialFailureError, RetryableError
from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import DbInstance, HistoryEntry
from rds_operations.domain.metric_trends import trend
from rds_operations.runtime.events.sns_records import parse_sns_records
from rds_operations.usecases.react_to_alarm import react_to_alarm
from tests.fakes.alarm_enrichment import FakeAlarmEnrichment
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.clock import FakeClock
from tests.samples import sample

GOLDEN = Path(__file__).parents[1] / "golden"
DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db", "https://docs.example.com/runbooks")
CHANGED_AT = datetime(2026, 11, 23, 18, 10, 54, 536000, tzinfo=UTC)
STATEMENT = "SELECT * FROM translations.translation_history WHERE user_id = $1"
STATE = Findings(
    DbInstance(
        identifier="langpont-prod-db",
        arn="arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db",
        resource_id="db-ABCDEFGHIJKL",
        status="available",
        multi_az=True,
    ),
    (HistoryEntry(datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC), ("configuration change",), "Finished class change"),),
)
FOUND = AlarmFindings(
    STATE,
    maintenance=("system-update: New Operating System update is available, opted in: next-maintenance",),
    diagnoses=(
        Diagnosis(
            DiagnosisKind.STATEMENTS,
            (
                f"runs now in 12 sessions, for 00:03:10 at most: {STATEMENT}",
                f"81.4 % of all time: 91213 calls, 42.1 ms each: {STATEMENT}",
            ),
        ),
    ),
    trends={"CPUUtilization": trend("CPUUtilization", [21.5, 22, 60.25, 93.1])},
    past=AlarmPast(None, 1),
)


@dataclass
class World:
    """Everything the use case touches, with one found instance."""

    findings: AlarmFindings = FOUND
    topic: FakeAlertTopic = field(default_factory=FakeAlertTopic)
    enrichment: FakeAlarmEnrichment = field(init=False)

    def __post_init__(self) -> None:
        self.enrichment = FakeAlarmEnrichment({"langpont-prod-db": self.findings})

    def react(self, name: str) -> dict[str, int]:
        return self.react_to(sample("react_to_alarm", name))

    def react_to(self, event: dict[str, Any]) -> dict[str, int]:
        return react_to_alarm(
            parse_sns_records(event),
            deployment=DEPLOYMENT,
            clock=FakeClock(CHANGED_AT + timedelta(seconds=1)),
            enrichment=self.enrichment,
            topic=self.topic,
        )


def test_alarm_becomes_one_alert_with_state_and_history() -> None:
    world = World()

    response = world.react("metric_alarm")

    [alert] = world.topic.published
    assert response == {"published": 1, "failed": 0}
    assert (alert.kind, alert.severity) == (AlertKind.ALARM, Severity.WARNING)
    assert alert.facts["instance_status"] == "available"
    assert alert.facts["recent_events"] == ["18:00:01 Finished class change (configuration change)"]
    assert alert.links["runbook"] == "https://docs.example.com/runbooks/rds-cpu-high.md"


def test_alert_of_an_alarm_reads_as_agreed() -> None:
    world = World()

    world.react("metric_alarm")

    assert email_text(world.topic.published[0]) == (GOLDEN / "alarm.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("metric_alarm", "WARNING langpont-prod-db: CPUUtilization 93.1 % > 80 %"),
        ("metric_ok", "RESOLVED langpont-prod-db: Over: CPUUtilization > 80 %"),
        ("data_are_back", "RESOLVED langpont-prod-db: Data are back: CPUUtilization > 80 %"),
        ("insufficient_data", "WARNING langpont-prod-db: No data: CPUUtilization > 80 %"),
        ("metric_math", "WARNING langpont-prod-db: connections in use (%) 84.3 > 80"),
        ("composite", "CRITICAL langpont-prod-replica-1: langpont-prod-replica-behind-1"),
    ],
)
def test_subject_says_state_where_and_what(name: str, line: str) -> None:
    world = World()

    world.react(name)

    assert subject(world.topic.published[0]) == line


def test_end_of_an_alarm_says_what_it_was() -> None:
    world = World()

    world.react("metric_ok")

    assert world.topic.published[0].summary.startswith("The alarm is over, was ALARM. It meant: The processor ")


@pytest.mark.parametrize(
    ("before", "title", "summary"),
    [
        ("INSUFFICIENT_DATA", "Data are back: ", "CloudWatch has data again, and the alarm is not on. It means: The "),
        ("OK", "Still well: ", "The alarm was not on and is not on. It means: The processor "),
        ("", "Over: ", "The alarm is over. It meant: The processor "),
    ],
)
def test_ok_of_an_alarm_that_was_not_on_is_no_end(before: str, title: str, summary: str) -> None:
    world = World()
    event = sample("react_to_alarm", "data_are_back")
    sns = event["Records"][0]["Sns"]
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | {"OldStateValue": before})

    world.react_to(event)

    [alert] = world.topic.published
    assert alert.severity is Severity.RESOLVED
    assert alert.title.startswith(title)
    assert alert.summary.startswith(summary)


@pytest.mark.parametrize(
    ("configured", "before", "published"),
    [
        ("2026-11-23T18:40:00.000+0000", "INSUFFICIENT_DATA", 0),
        ("2026-11-23T18:40:00.000+0000", "ALARM", 1),
        ("2026-11-23T18:15:00.000+0000", "INSUFFICIENT_DATA", 1),
        ("lately", "INSUFFICIENT_DATA", 1),
        (None, "INSUFFICIENT_DATA", 1),
    ],
)
def test_new_alarm_that_finds_all_well_is_no_news(configured: str | None, before: str, published: int) -> None:
    world = World()
    event = sample("react_to_alarm", "data_are_back")
    sns = event["Records"][0]["Sns"]
    told = {"OldStateValue": before, "AlarmConfigurationUpdatedTimestamp": configured}
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | told)

    response = world.react_to(event)

    assert response == {"published": published, "failed": 0}
    assert len(world.topic.published) == published


@pytest.mark.parametrize(("state", "before", "published"), [("OK", "INSUFFICIENT_DATA", 0), ("OK", "ALARM", 1)])
def test_first_look_of_a_composite_alarm_is_no_news(state: str, before: str, published: int) -> None:
    world = World()
    event = sample("react_to_alarm", "composite")
    sns = event["Records"][0]["Sns"]
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | {"NewStateValue": state, "OldStateValue": before})

    assert world.react_to(event) == {"published": published, "failed": 0}


def test_end_of_an_alarm_says_how_long_it_was_on_and_how_bad_it_got() -> None:
    ended_at = datetime(2026, 11, 23, 18, 25, 54, 536000, tzinfo=UTC)
    peaks = {"langpont-prod-rds-cpu-high": Peak("CPUUtilization", 93.14)}
    world = World(AlarmFindings(STATE, past=AlarmPast(ended_at - timedelta(minutes=15), 1), peaks=peaks))

    world.react("metric_ok")

    [alert] = world.topic.published
    assert alert.summary.startswith(
        "The alarm is over, was ALARM for 15 min, at worst 93.1 %. It meant: The processor "
    )
    assert alert.facts["time_in_alarm_seconds"] == 900
    assert (alert.facts["peak"], alert.facts["peak_note"]) == (93.14, "93.1 % while it was on")


@pytest.mark.parametrize(
    ("name", "step"), [("metric_alarm", "Follow the runbook"), ("metric_ok", "Look for the cause")]
)
@pytest.mark.parametrize(("times", "flaps"), [(2, False), (3, True), (9, True)])
def test_alarm_that_flaps_is_counted_and_said(name: str, step: str, times: int, *, flaps: bool) -> None:
    world = World(AlarmFindings(STATE, past=AlarmPast(None, times)))

    world.react(name)

    [alert] = world.topic.published
    assert alert.facts["times_in_alarm_24_hours"] == times
    assert alert.summary.endswith(f"It flaps: on {times} times within 24 hours.") is flaps
    assert alert.actions[0].startswith(step) is (flaps or name == "metric_alarm")


def test_what_the_database_says_comes_first_among_the_facts() -> None:
    world = World()

    world.react("metric_alarm")

    [alert] = world.topic.published
    names = list(alert.facts)
    assert names[:2] == ["times_in_alarm_24_hours", "database_statements"]
    assert {"trends", "pending_maintenance", "instance_status"} <= set(names)


def test_question_that_the_database_could_not_answer_is_named() -> None:
    diagnoses = (Diagnosis(DiagnosisKind.LOCKS, error="no answer within 2 s"),)
    world = World(AlarmFindings(STATE, diagnoses=diagnoses, unavailable=("reading the metrics took longer than 5 s",)))

    world.react("metric_alarm")

    [alert] = world.topic.published
    assert "(enrichment unavailable: reading the metrics took longer than 5 s; and 1 more, see below)" in alert.summary
    assert alert.facts["enrichment_unavailable"] == [
        "reading the metrics took longer than 5 s",
        "asking the database for locks: no answer within 2 s",
    ]


@pytest.mark.parametrize("name", ["metric_alarm", "metric_ok", "insufficient_data", "metric_math", "composite"])
def test_same_event_five_times_is_one_alert_to_a_subscriber(name: str) -> None:
    world = World()

    for _ in range(5):
        world.react(name)

    assert len(world.topic.published) == 5
    assert len({alert.id for alert in world.topic.published}) == 1


def test_alert_goes_out_without_enrichment_and_says_so() -> None:
    world = World(AlarmFindings(Findings(unavailable=("describing langpont-prod-db took longer than 5 s",))))

    world.react("metric_alarm")

    assert "(enrichment unavailable: describing langpont-prod-db took" in world.topic.published[0].summary


def test_alarm_on_a_function_asks_nothing_about_the_database() -> None:
    world = World()
    event = sample("react_to_alarm", "metric_alarm")
    event["Records"][0]["Sns"]["Message"] = event["Records"][0]["Sns"]["Message"].replace(
        '{"value": "langpont-prod-db", "name": "DBInstanceIdentifier"}', '{"value": "push", "name": "FunctionName"}'
    )

    world.react_to(event)

    assert world.topic.published[0].resource == "push"
    assert world.enrichment.asked == []


def test_message_that_is_no_alarm_is_passed_on_as_it_came() -> None:
    world = World()

    response = world.react("not_an_alarm")

    sns = sample("react_to_alarm", "not_an_alarm")["Records"][0]["Sns"]
    assert response == {"published": 1, "failed": 0}
    assert world.topic.passed_on == [(sns["Subject"], sns["Message"])]


def test_bad_records_do_not_stop_the_others() -> None:
    world = World()

    with pytest.raises(PartialFailureError, match="2 of 3 alarm records failed") as caught:
        world.react("mixed_good_and_bad")

    assert [alert.facts["alarm_name"] for alert in world.topic.published] == ["langpont-prod-rds-cpu-high"]
    assert caught.value.failures == (
        "record 1: StateChangeTime is 'soon', allowed: a time such as 2026-11-23T18:00:00Z",
        "record 3: Sns is missing, allowed: an object",
    )


def test_alert_that_cannot_be_published_is_raised_after_the_others() -> None:
    world = World(topic=FakeAlertTopic({"langpont-prod-db": RetryableError("the topic throttled")}))
    both = sample("react_to_alarm", "metric_alarm")["Records"] + sample("react_to_alarm", "not_an_alarm")["Records"]

    with pytest.raises(PartialFailureError, match="1 of 2 alarm records failed: record 1: the topic throttled"):
        world.react_to({"Records": both})

    assert len(world.topic.passed_on) == 1


def test_same_change_of_state_has_the_same_alert_id() -> None:
    world = World()

    world.react("metric_alarm")
    world.react("metric_alarm")
    world.react("metric_ok")

    first, again, other = world.topic.published
    assert first.id == again.id != other.id


def test_alarm_during_a_drill_says_so_and_keeps_its_title() -> None:
    assert STATE.instance
    times = {"drill-since": "2026-11-23T18:00:00Z", "drill-until": "2026-11-23T18:45:00Z"}
    tags = {**times, "drill-report": "https://reports.example.com/drill.html"}
    drilled = AlarmFindings(replace(STATE, instance=replace(STATE.instance, tags=tags)))
    world, other = World(drilled), World()

    world.react("metric_alarm")
    other.react("metric_alarm")

    [alert], [usual] = world.topic.published, other.topic.published
    assert (alert.title, alert.severity) == (usual.title, usual.severity)
    assert "A failover drill is under way, which may be the reason." in alert.summary
    assert (alert.facts["drill"], alert.links["report"]) == (True, tags["drill-report"])


def test_end_of_a_composite_alarm_names_the_peaks_of_its_alarms() -> None:
    ended_at = datetime(2026, 11, 23, 18, 31, tzinfo=UTC)
    peaks = {"langpont-prod-replica-lag-1": Peak("ReplicaLag", 412.0)}
    world = World(AlarmFindings(STATE, past=AlarmPast(ended_at - timedelta(minutes=15), 1), peaks=peaks))
    world.enrichment = FakeAlarmEnrichment({"langpont-prod-replica-1": world.findings})

    world.react("composite_ok")

    [alert] = world.topic.published
    assert alert.facts["peaks"] == {"langpont-prod-replica-lag-1": "ReplicaLag 412 s"}
