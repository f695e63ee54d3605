"""What becomes of each alarm of this kit on its way to people: how bad, about which instance, with which runbook."""

import json
from typing import Any

import pytest

from local.aws.alarm_messages import notification, subject
from rds_operations.domain.alarm_alerts import alarm_alert
from rds_operations.domain.alarm_findings import AlarmFindings
from rds_operations.domain.alarms import AlarmNotification
from rds_operations.domain.alert_texts import email_text
from rds_operations.domain.alert_texts import subject as alert_subject
from rds_operations.domain.alerts import Alert, Severity
from rds_operations.domain.deployment import Deployment
from rds_operations.runtime.events.sns_records import parse_sns_records
from tests.alarms import TWO_REPLICAS, made, row_of
from tests.templates import ROOT
from tests.whole_tables import for_each

DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db", "https://docs.example.com/runbooks")
PLACE = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:"
ALARMS = made(*TWO_REPLICAS)
TOLD = [name for name, alarm in ALARMS.items() if alarm.get("AlarmActions")]


def record_of(name: str) -> dict[str, Any]:
    """Return the alarm as CloudWatch keeps it, with numbers where a template may have texts."""
    alarm = ALARMS[name]
    periods = [query["MetricStat"]["Period"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    numbers = {
        "Period": int(alarm.get("Period", periods[0] if periods else 0)),
        "Threshold": float(alarm.get("Threshold", 0)),
    }
    return {**alarm, **numbers, "AlarmArn": PLACE + name}


def alert_of(name: str, before: str = "OK", state: str = "ALARM") -> Alert:
    message = notification(record_of(name), before, state, "tried by hand")
    sns = {"Message": json.dumps(message), "MessageId": "1", "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:t"}
    [found] = parse_sns_records({"Records": [{"Sns": sns}]})
    assert isinstance(found, AlarmNotification)
    return alarm_alert(found, AlarmFindings(), DEPLOYMENT)


@for_each("name", TOLD)
def test_alert_is_as_bad_as_its_row_says(name: str) -> None:
    [tag] = [tag["Value"] for tag in ALARMS[name]["Tags"] if tag["Key"] == "Severity"]

    assert alert_of(name).severity == Severity(tag)
    assert alert_of(name, "ALARM", "OK").severity is Severity.RESOLVED


@for_each("name", TOLD)
def test_alert_links_to_a_runbook_that_exists(name: str) -> None:
    stem = row_of(name).runbook

    assert alert_of(name).links["runbook"] == f"https://docs.example.com/runbooks/{stem}.md"
    assert (ROOT / f"docs/runbooks/{stem}.md").exists()


@for_each("name", TOLD)
def test_alert_says_what_it_means_without_notes_for_machines(name: str) -> None:
    alert = alert_of(name)

    assert "Severity:" not in alert.summary
    assert "Runbook:" not in alert.summary
    assert alert.summary.endswith((".", "`."))
    assert len(alert_subject(alert)) <= 99
    assert "${" not in email_text(alert)


@for_each("name", [name for name in TOLD if "-automation-" not in name and "metrics-silent" not in name])
def test_alert_is_about_the_instance_that_the_alarm_is_about(name: str) -> None:
    number = name.rpartition("-")[2]
    instance = f"langpont-prod-replica-{number}" if number.isdigit() else "langpont-prod-db"

    assert alert_of(name).resource == instance


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("storage-low", "CRITICAL langpont-prod-db: FreeStorageSpace < 10 GiB"),
        ("swap-growing-replica-1", "WARNING langpont-prod-replica-1: swap growth (MiB per hour) > 20"),
        ("read-latency-high", "WARNING langpont-prod-db: read latency p90 (ms) > 20"),
        ("replica-behind-2", "CRITICAL langpont-prod-replica-2: langpont-prod-replica-behind-2"),
    ],
)
def test_subject_of_an_alert_says_where_and_what(name: str, line: str) -> None:
    assert alert_subject(alert_of(f"langpont-prod-{name}")) == line


@for_each("name", TOLD)
def test_subject_of_the_raw_message_holds_the_whole_name(name: str) -> None:
    # People read those of the automation as they come, cut at what SNS takes.
    assert subject(record_of(name), "ALARM").startswith(f'ALARM: "{name}" in ')
