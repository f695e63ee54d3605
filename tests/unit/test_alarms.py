"""Alarm messages as they really come, and how bad each is."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from rds_operations.domain.alarms import AlarmNotification, AlarmRecord, AlarmState, PlainMessage, UnreadableRecord
from rds_operations.domain.alerts import Severity
from rds_operations.domain.console_links import Place
from rds_operations.domain.errors import InvalidEventError
from rds_operations.runtime.events.sns_records import parse_sns_records
from tests.samples import sample

ARN = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:langpont-prod-rds-cpu-high"
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:langpont-prod-alarms"


def read(name: str) -> AlarmRecord:
    return parse_sns_records(sample("react_to_alarm", name))[0]


def alarm(name: str) -> AlarmNotification:
    record = read(name)
    assert isinstance(record, AlarmNotification)
    return record


def told(message: Mapping[str, object] | str) -> AlarmRecord:
    text = message if isinstance(message, str) else json.dumps(message)
    sns = {"Message": text, "TopicArn": TOPIC, "Timestamp": "2026-11-23T18:10:54.584Z", "MessageId": "1"}
    return parse_sns_records({"Records": [{"EventSource": "aws:sns", "Sns": sns}]})[0]


def changed(**fields: object) -> AlarmRecord:
    message = json.loads(sample("react_to_alarm", "metric_alarm")["Records"][0]["Sns"]["Message"])
    message.update(fields)
    return told({key: value for key, value in message.items() if value != "left out"})


def test_metric_alarm_is_read_with_its_condition() -> None:
    notification = alarm("metric_alarm")

    assert (notification.arn, notification.state, notification.old_state) == (ARN, AlarmState.ALARM, "OK")
    assert notification.changed_at == datetime(2026, 11, 23, 18, 10, 54, 536000, tzinfo=UTC)
    assert notification.instance_identifier == notification.resource == "langpont-prod-db"
    assert notification.trigger is not None
    assert notification.trigger.in_words() == "CPUUtilization > 80 (Average over 300 s, 2 of 2 periods)"


def test_region_comes_from_the_arn_not_from_its_display_name() -> None:
    assert alarm("metric_alarm").place == Place("aws", "ap-northeast-1")


def test_metric_math_alarm_is_named_by_its_returned_expression() -> None:
    notification = alarm("metric_math")

    assert notification.trigger is not None
    assert notification.trigger.in_words() == "connections in use (%) > 80 (over 300 s, 2 of 2 periods)"
    assert notification.resource == "langpont-prod-db"


def test_composite_alarm_has_a_rule_and_its_children() -> None:
    notification = alarm("composite")

    assert notification.trigger is None
    assert notification.rule.startswith("ALARM(")
    assert notification.triggering_alarms == ("langpont-prod-replica-lag-1",)
    assert notification.instance_identifier is None


@pytest.mark.parametrize(
    ("description", "state", "severity"),
    [
        ("Severity: critical. Disk is nearly full.", "ALARM", Severity.CRITICAL),
        ("Slow. severity: INFO", "ALARM", Severity.INFO),
        ("Slow.", "ALARM", Severity.WARNING),
        (None, "ALARM", Severity.WARNING),
        ("Severity: enormous.", "ALARM", Severity.WARNING),
        ("Severity: critical.", "OK", Severity.RESOLVED),
        ("Severity: critical.", "INSUFFICIENT_DATA", Severity.WARNING),
        ("Severity: info.", "INSUFFICIENT_DATA", Severity.INFO),
    ],
)
def test_severity_follows_description_and_state(description: str | None, state: str, severity: Severity) -> None:
    record = changed(AlarmDescription=description, NewStateValue=state)

    assert isinstance(record, AlarmNotification)
    assert record.severity is severity


@pytest.mark.parametrize(
    ("description", "runbook", "meaning"),
    [
        ("Slow. Runbook: docs/runbooks/disk-slow.md", "disk-slow", "Slow."),
        ("Slow. Runbook: https://example.com/a/disk-slow.md", "disk-slow", "Slow."),
        ("Slow. Runbook: disk-slow.md ", "disk-slow", "Slow."),
        ("Slow. Runbook: https://wiki.example.com/disk", "", "Slow. Runbook: https://wiki.example.com/disk"),
        ("Slow, see the runbook.", "", "Slow, see the runbook."),
        (None, "", ""),
    ],
)
def test_runbook_that_the_description_names_is_read_and_left_out(
    description: str | None, runbook: str, meaning: str
) -> None:
    record = changed(AlarmDescription=description)

    assert isinstance(record, AlarmNotification)
    assert (record.runbook, record.meaning) == (runbook, meaning)


def test_meaning_leaves_the_severity_out() -> None:
    record = changed(AlarmDescription="Severity: critical. The disk is nearly full.")

    assert isinstance(record, AlarmNotification)
    assert record.meaning == "The disk is nearly full."


@pytest.mark.parametrize(
    "key",
    [
        *("AlarmConfigurationUpdatedTimestamp", "OKActions", "OldStateValue", "NewStateReason", "AlarmDescription"),
        *("Region", "Trigger", "StateChangeTime", "AlarmArn"),
    ],
)
def test_alarm_without_a_dispensable_key_is_still_read(key: str) -> None:
    assert isinstance(changed(**{key: "left out"}), AlarmNotification)


def test_arn_that_is_missing_is_made_from_the_topics() -> None:
    record = changed(AlarmArn="left out")

    assert isinstance(record, AlarmNotification)
    assert record.arn == ARN


def test_percentile_and_band_alarms_are_read() -> None:
    trigger = {
        "MetricName": "CommitLatency",
        "ExtendedStatistic": "p99",
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
        "ThresholdMetricId": "ad1",
        "Period": 60,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 3,
    }

    record = changed(Trigger=trigger)

    assert isinstance(record, AlarmNotification)
    assert record.trigger is not None
    assert record.trigger.in_words() == "CommitLatency out of its expected band (p99 over 60 s, 3 of 5 periods)"


@pytest.mark.parametrize("threshold", [10737418240, 10737418240.0])
def test_large_thresholds_are_written_out(threshold: float) -> None:
    trigger = {"MetricName": "FreeStorageSpace", "ComparisonOperator": "LessThanThreshold", "Threshold": threshold}

    record = changed(Trigger=trigger)

    assert isinstance(record, AlarmNotification)
    assert record.trigger is not None
    assert record.trigger.short() == "FreeStorageSpace < 10,737,418,240"


@pytest.mark.parametrize(
    "message",
    ["no JSON", '"a text"', "[]", '{"Event Source": "db-instance"}', pytest.param("[" * 100_000, id="too deep")],
)
def test_message_that_is_no_alarm_stays_as_it_came(message: str) -> None:
    assert told(message) == PlainMessage(subject="", message=message)


@pytest.mark.parametrize("state", ["BROKEN", "left out", None, "", 1, ["ALARM"], {}])
def test_message_with_a_name_but_no_state_of_an_alarm_is_passed_on(state: object) -> None:
    assert isinstance(changed(NewStateValue=state), PlainMessage)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"StateChangeTime": "soon"}, "StateChangeTime is 'soon', allowed: a time such as 2026-11-23T18:00:00Z"),
        (
            {"StateChangeTime": "0001-01-01T00:00:00+05:00"},
            "StateChangeTime is '0001-01-01T00:00:00+05:00', allowed: a time such as 2026-11-23T18:00:00Z",
        ),
        (
            {"Trigger": {"MetricName": "CPUUtilization", "Threshold": 10**400}},
            f"Trigger.Threshold is {10**400}, allowed: a number within the range of a double",
        ),
        ({"AlarmName": ""}, "AlarmName is '', allowed: a text that is not empty"),
    ],
)
def test_unreadable_alarm_names_the_field(fields: dict[str, object], complaint: str) -> None:
    assert changed(**fields) == UnreadableRecord(complaint)


@pytest.mark.parametrize(
    ("record", "field"), [({}, "Sns"), ("text", "Sns"), ({"Sns": {}}, "Sns.Message"), ({"Sns": []}, "Sns")]
)
def test_record_without_a_message_is_unreadable(record: object, field: str) -> None:
    parsed = parse_sns_records({"Records": [record]})[0]

    assert isinstance(parsed, UnreadableRecord)
    assert parsed.reason.startswith(f"{field} is ")


@pytest.mark.parametrize("event", [{}, [], None, {"Records": []}, {"Records": "x"}])
def test_event_that_is_not_from_sns_is_an_error(event: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^Records .* allowed: a list of SNS records"):
        parse_sns_records(event)
