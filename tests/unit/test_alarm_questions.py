"""What there is to find out about an alarm."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from rds_operations.domain.alarm_questions import TOPICS, AlarmQuestions, alarm_questions
from rds_operations.domain.alarms import AlarmNotification
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.rehearsals import REHEARSAL_STEM
from rds_operations.runtime.events.sns_records import parse_sns_records
from tests.samples import sample

DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db")
TABLE = yaml.safe_load((Path(__file__).parents[2] / "monitoring/alarms.yaml").read_text(encoding="utf-8"))
STEMS = {alarm["stem"] for alarm in TABLE["alarms"]}
# Of the backups, which the database knows nothing of, and of an instance that is silent.
ASKED_AS_A_WHOLE = {"instance-silent", "backup-too-old", "restorable-time-stalled"} | {
    stem for stem in STEMS if stem.startswith("snapshot-")
}


def asked(name: str, instance: str = "langpont-prod-db", alarm_name: str | None = None) -> AlarmQuestions:
    event = sample("react_to_alarm", name)
    [record] = parse_sns_records(event)
    assert isinstance(record, AlarmNotification)
    if alarm_name:
        sns = event["Records"][0]["Sns"]
        sns["Message"] = sns["Message"].replace(record.name, alarm_name)
        [record] = parse_sns_records(event)
        assert isinstance(record, AlarmNotification)
    return alarm_questions(record, instance, DEPLOYMENT, record.changed_at + timedelta(seconds=3))


def test_table_names_alarms_that_there_are() -> None:
    assert set(TOPICS) <= STEMS | {REHEARSAL_STEM}


def test_every_alarm_on_load_space_and_replication_has_a_diagnosis() -> None:
    assert {stem for stem in STEMS if not (stem in TOPICS and TOPICS[stem].diagnoses)} <= ASKED_AS_A_WHOLE | {
        stem for stem in STEMS if stem not in TOPICS
    }
    assert {"rds-cpu-high", "connections-high", "storage-low", "replica-lag", "transaction-ids-high"} <= set(TOPICS)


@pytest.mark.parametrize(
    ("stem", "kinds"),
    [
        ("rds-cpu-high", ["statements"]),
        ("connections-high", ["connections"]),
        ("db-load-high", ["statements", "locks"]),
        ("storage-low", ["storage"]),
        ("replica-lag", ["replication"]),
        ("transaction-ids-critical", ["transaction_ids"]),
        ("something-else", []),
    ],
)
def test_diagnosis_is_chosen_by_the_alarms_stem(stem: str, kinds: list[str]) -> None:
    questions = asked("metric_alarm", alarm_name=f"langpont-prod-{stem}")

    assert [(each.kind.value, each.server) for each in questions.diagnoses] == [(kind, "") for kind in kinds]
    assert questions.metrics


@pytest.mark.parametrize("name", ["metric_ok", "insufficient_data", "data_are_back"])
def test_alarm_that_is_not_on_is_not_diagnosed(name: str) -> None:
    assert asked(name).diagnoses == ()


@pytest.mark.parametrize(
    ("stem", "events"),
    [
        ("rds-cpu-high-replica-1", [{"diagnosis": "statements", "server": "langpont-prod-replica-1"}]),
        ("replica-lag-1", [{"diagnosis": "replication"}, {"diagnosis": "replay", "server": "langpont-prod-replica-1"}]),
    ],
)
def test_replica_is_asked_itself_but_for_how_far_it_is(stem: str, events: list[dict[str, str]]) -> None:
    questions = asked("metric_alarm", "langpont-prod-replica-1", f"langpont-prod-{stem}")

    assert [each.as_event() for each in questions.diagnoses] == events
    assert {dict(metric.dimensions)["DBInstanceIdentifier"] for metric in questions.metrics} == {
        "langpont-prod-replica-1"
    }


def test_instance_is_named_by_an_arn_of_the_alarms_account_and_region() -> None:
    assert asked("metric_alarm").instance_arn == "arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db"
