"""What people hear of an alarm."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rds_operations.domain.alert_texts import email_text, subject
from rds_operations.domain.alerts import AlertKind, Severity
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import PartialFailureError, RetryableError
from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import DbInstance, HistoryEntry
from rds_operations.runtime.events.sns_records import parse_sns_records
from rds_operations.usecases.react_to_alarm import react_to_alarm
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.clock import FakeClock
from tests.fakes.enrichment import FakeEnrichment
from tests.samples import sample

GOLDEN = Path(__file__).parents[1] / "golden"
DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db", "https://docs.example.com/runbooks")
CHANGED_AT = datetime(2026, 11, 23, 18, 10, 54, 536000, tzinfo=UTC)
FOUND = Findings(
    DbInstance(
        identifier="langpont-prod-db",
        arn="arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db",
        resource_id="db-ABCDEFGHIJKL",
        status="available",
        multi_az=True,
    ),
    (HistoryEntry(datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC), ("configuration change",), "Finished class change"),),
)


@dataclass
class World:
    """Everything the use case touches, with one found instance."""

    findings: Findings = FOUND
    topic: FakeAlertTopic = field(default_factory=FakeAlertTopic)
    enrichment: FakeEnrichment = field(init=False)

    def __post_init__(self) -> None:
        self.enrichment = FakeEnrichment({"langpont-prod-db": self.findings})

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
        ("metric_alarm", "WARNING langpont-prod-db: CPUUtilization > 80"),
        ("metric_ok", "RESOLVED langpont-prod-db: Over: CPUUtilization > 80"),
        ("data_are_back", "RESOLVED langpont-prod-db: Data are back: CPUUtilization > 80"),
        ("insufficient_data", "WARNING langpont-prod-db: No data: CPUUtilization > 80"),
        ("metric_math", "WARNING langpont-prod-db: connections in use (%) > 80"),
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


def test_alert_goes_out_without_enrichment_and_says_so() -> None:
    world = World(Findings(unavailable=("describing langpont-prod-db took longer than 5 s",)))

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
