"""The rehearsal of an alert's way: what is sent, what becomes of it, and what is measured of its arrival."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rds_operations.domain.alarm_findings import AlarmFindings
from rds_operations.domain.alert_texts import attributes, machine_form
from rds_operations.domain.alerts import Severity
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import ConfigurationError, InvalidEventError, RefusedError
from rds_operations.runtime.events.rehearsal import parse_rehearsal
from rds_operations.runtime.events.sns_records import parse_sns_records
from rds_operations.runtime.settings.rehearse_alert import RehearseAlertSettings
from rds_operations.usecases.react_to_alarm import react_to_alarm
from rds_operations.usecases.rehearse_alert import rehearse_alert
from tests.fakes.alarm_enrichment import FakeAlarmEnrichment
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.clock import FakeClock
from tests.fakes.metric_sink import FakeMetricSink
from tests.samples import sample, sample_names
from tests.templates import resources

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db", "https://docs.example.com/runbooks")
ALARMS = "arn:aws-cn:sns:cn-north-1:123456789012:alarms"
VARIABLES = {
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "prod",
    "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
    "ALARMS_TOPIC_ARN": ALARMS,
}


class World:
    """The alarms topic, the clock and the metrics."""

    def __init__(self, failing: RefusedError | None = None) -> None:
        self.alarms = FakeAlertTopic({"Rehearsal of an alarm": failing} if failing else None)
        self.metrics = FakeMetricSink()
        self.clock = FakeClock(NOW)

    def rehearse(self, event: object) -> dict[str, int]:
        return rehearse_alert(
            parse_rehearsal(event),
            deployment=DEPLOYMENT,
            alarms_topic_arn=ALARMS,
            alarms=self.alarms,
            metrics=self.metrics,
            clock=self.clock,
        )


def reacted(message: str) -> Any:
    """Return the alert that react_to_alarm makes of what was sent."""
    topic = FakeAlertTopic()
    react_to_alarm(
        parse_sns_records({"Records": [{"Sns": {"Message": message, "TopicArn": ALARMS, "MessageId": "1"}}]}),
        deployment=DEPLOYMENT,
        clock=FakeClock(NOW),
        enrichment=FakeAlarmEnrichment({"langpont-prod-db": AlarmFindings(unavailable=("asking took 5 s",))}),
        topic=topic,
    )
    [alert] = topic.published
    return alert


def test_rehearsal_goes_the_whole_way_and_is_measured() -> None:
    world = World()

    assert world.rehearse({}) == {"sent": 1, "arrived": 0}
    [(_, message)] = world.alarms.passed_on
    alert = reacted(message)
    world.clock.advance(timedelta(seconds=4))
    arrived = world.rehearse({"Records": [{"Sns": {"Message": json.dumps(machine_form(alert))}}]})

    assert arrived == {"sent": 0, "arrived": 1}
    assert world.metrics.values == {"alert_rehearsal_seconds": 4.0, "alert_rehearsal_unanswered": 1}


def test_alert_of_a_rehearsal_can_be_filtered_out_and_no_other_can() -> None:
    world = World()
    world.rehearse({})
    [(_, message)] = world.alarms.passed_on
    real = message.replace("langpont-prod-alert-rehearsal", "langpont-prod-rds-cpu-high")

    assert attributes(reacted(message))["rehearsal"] == "true"
    assert "rehearsal" not in attributes(reacted(real))


def test_rehearsal_says_that_nothing_is_wrong_and_is_of_the_topics_place() -> None:
    world = World()
    world.rehearse({})
    alert = reacted(world.alarms.passed_on[0][1])

    assert (alert.severity, alert.resource) == (Severity.INFO, "langpont-prod-db")
    assert "A rehearsal" in alert.summary
    assert alert.source["arn"] == "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:langpont-prod-alert-rehearsal"


def test_people_are_spared_and_the_function_gets_rehearsals_only() -> None:
    mails = resources("root", "AWS::SNS::Subscription")["AlertEmailSubscription"]["Properties"]
    [arrived] = resources("rehearsal", "AWS::SNS::Subscription").values()

    assert mails["FilterPolicy"] == {"rehearsal": [{"exists": False}]}
    assert arrived["Properties"]["FilterPolicy"] == {"rehearsal": ["true"]}


def test_alarm_that_cannot_be_sent_fails_the_run() -> None:
    with pytest.raises(RefusedError, match="publishing was denied"):
        World(RefusedError("publishing was denied")).rehearse({})


def test_arrival_from_the_future_took_no_time() -> None:
    world = World()
    world.clock.advance(timedelta(days=-1))

    world.rehearse(sample("rehearse_alert", "arrived"))

    assert world.metrics.values["alert_rehearsal_seconds"] == 0


@pytest.mark.parametrize("name", sample_names("rehearse_alert"))
def test_sample_events_are_understood(name: str) -> None:
    assert sum(World().rehearse(sample("rehearse_alert", name)).values()) == 1


@pytest.mark.parametrize(
    "event", [[], {"sent": 1}, {"Records": []}, {"Records": [{}]}, {"Records": [{"Sns": {"Message": "Hello"}}]}]
)
def test_event_that_is_neither_is_refused(event: object) -> None:
    with pytest.raises(InvalidEventError, match="allowed: "):
        World().rehearse(event)


def test_settings_are_read_and_named_where_they_are_missing() -> None:
    assert RehearseAlertSettings.from_env(VARIABLES).alarms_topic_arn == ALARMS
    with pytest.raises(ConfigurationError, match="ALARMS_TOPIC_ARN is not set, allowed: the ARN of an SNS topic"):
        RehearseAlertSettings.from_env({key: VARIABLES[key] for key in VARIABLES if key != "ALARMS_TOPIC_ARN"})
