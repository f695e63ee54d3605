"""Turns alarm notifications into readable alerts; passes on what is no alarm as it came."""

from collections.abc import Sequence
from datetime import datetime

from rds_operations.domain.alarm_alerts import alarm_alert, subject_instance
from rds_operations.domain.alarm_findings import AlarmFindings
from rds_operations.domain.alarm_questions import alarm_questions
from rds_operations.domain.alarms import AlarmNotification, AlarmRecord, PlainMessage, UnreadableRecord
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import InvalidEventError, OperationsError, PartialFailureError
from rds_operations.ports.alarms import AlarmEnrichment
from rds_operations.ports.alerts import AlertTopic
from rds_operations.ports.clock import Clock


def react_to_alarm(
    records: Sequence[AlarmRecord],
    *,
    deployment: Deployment,
    clock: Clock,
    enrichment: AlarmEnrichment,
    topic: AlertTopic,
) -> dict[str, int]:
    """Publish one alert per alarm and pass on every other message; try all before failing.

    The first look of a new alarm that finds all well is no news: a deployment would tell it of every alarm.

    Returns:
        The function's response: how many records were published, and how many failed.

    Raises:
        PartialFailureError: a record could not be read or published; the platform's retry publishes the others once
            more, with the same identifiers.
    """
    failures: list[str] = []
    news = [(position, record) for position, record in enumerate(records, 1) if _is_news(record)]
    for position, record in news:
        try:
            _publish(record, clock.now(), deployment, enrichment, topic)
        except OperationsError as error:
            failures.append(f"record {position}: {error}")
    if failures:
        raise PartialFailureError(f"{len(records)} alarm records", failures)
    return {"published": len(news), "failed": 0}


def _is_news(record: AlarmRecord) -> bool:
    return not (isinstance(record, AlarmNotification) and record.is_first_look)


def _publish(
    record: AlarmRecord, now: datetime, deployment: Deployment, enrichment: AlarmEnrichment, topic: AlertTopic
) -> None:
    match record:
        case UnreadableRecord(reason):
            raise InvalidEventError(reason)
        case PlainMessage(subject, message):
            topic.pass_on(subject, message)
        case AlarmNotification():
            topic.publish(alarm_alert(record, _look_up(record, now, deployment, enrichment), deployment))


def _look_up(
    alarm: AlarmNotification, now: datetime, deployment: Deployment, enrichment: AlarmEnrichment
) -> AlarmFindings:
    instance = subject_instance(alarm, deployment)
    if instance is None:
        return AlarmFindings()
    return enrichment.gather(alarm_questions(alarm, instance, deployment, now))
