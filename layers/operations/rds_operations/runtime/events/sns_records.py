"""Reads SNS records: CloudWatch alarm messages, and whatever else reaches the alarms topic."""

import json
from collections.abc import Mapping
from datetime import datetime

from rds_operations.domain.alarms import AlarmNotification, AlarmRecord, AlarmState, PlainMessage, UnreadableRecord
from rds_operations.domain.console_links import Place
from rds_operations.domain.errors import InvalidEventError
from rds_operations.runtime.events.alarm_trigger import parse_trigger
from rds_operations.runtime.events.fields import section, text, utc_time, wrong

_CONFIGURED = "AlarmConfigurationUpdatedTimestamp"
_ARN_NAME = 6
_STATES = tuple(AlarmState)


def parse_sns_records(event: object) -> tuple[AlarmRecord, ...]:
    """Return every record: an alarm, a message that is none, or why it cannot be read.

    Raises:
        InvalidEventError: the event as a whole is not what SNS sends.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or not records:
        raise wrong("Records", records, "a list of SNS records, at least one")
    return tuple(_record(record) for record in records)


def _record(record: object) -> AlarmRecord:
    try:
        sns = section(record, "Sns", "Sns")
        message = text(sns, "Message", "Sns.Message")
        content = _alarm_content(message)
        if content is None:
            return PlainMessage(subject=text(sns, "Subject", "Sns.Subject", default=""), message=message)
        return _alarm(content, sns)
    except InvalidEventError as error:
        return UnreadableRecord(str(error))


def _alarm_content(message: str) -> Mapping[str, object] | None:
    """Return what an alarm says; None for everything that has not both an alarm's name and one of its states."""
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        return None
    is_alarm = isinstance(content, dict) and "AlarmName" in content and content.get("NewStateValue") in _STATES
    return content if is_alarm else None


def _alarm(content: Mapping[str, object], sns: Mapping[str, object]) -> AlarmNotification:
    name = text(content, "AlarmName", "AlarmName")
    change_time = text(content, "StateChangeTime", "StateChangeTime", default="") or text(
        sns, "Timestamp", "StateChangeTime, and Sns.Timestamp,"
    )
    arn, place = _where(content, sns, name)
    return AlarmNotification(
        arn=arn,
        name=name,
        description=text(content, "AlarmDescription", "AlarmDescription", default=""),
        state=AlarmState(text(content, "NewStateValue", "NewStateValue")),
        old_state=text(content, "OldStateValue", "OldStateValue", default=""),
        reason=text(content, "NewStateReason", "NewStateReason", default=""),
        changed_at=utc_time(change_time, "StateChangeTime"),
        change_time=change_time,
        place=place,
        message_id=text(sns, "MessageId", "Sns.MessageId", default=""),
        trigger=parse_trigger(content.get("Trigger")),
        rule=text(content, "AlarmRule", "AlarmRule", default=""),
        triggering_alarms=_triggering_alarms(content.get("TriggeringChildren")),
        configured_at=_configured_at(content),
    )


def _configured_at(content: Mapping[str, object]) -> datetime | None:
    """Return the time where it can be read: what only spares people a mail must not stop one."""
    try:
        return utc_time(text(content, _CONFIGURED, _CONFIGURED), _CONFIGURED)
    except InvalidEventError:
        return None


def _where(content: Mapping[str, object], sns: Mapping[str, object], name: str) -> tuple[str, Place]:
    """Return ARN and place; the message's own `Region` is a display name, and old messages carry no ARN."""
    arn = text(content, "AlarmArn", "AlarmArn", default="")
    if place := Place.of_arn(arn):
        return arn, place
    topic_arn = text(sns, "TopicArn", "AlarmArn, and Sns.TopicArn,")
    topic_place = Place.of_arn(topic_arn)
    if topic_place is None:
        raise wrong("Sns.TopicArn", topic_arn, "the ARN of an SNS topic")
    account = text(content, "AWSAccountId", "AWSAccountId", default="")
    return f"arn:{topic_place.partition}:cloudwatch:{topic_place.region}:{account}:alarm:{name}", topic_place


def _triggering_alarms(children: object) -> tuple[str, ...]:
    if not isinstance(children, list):
        return ()
    arns = (child.get("Arn") for child in children if isinstance(child, Mapping))
    return tuple(arn.split(":", _ARN_NAME)[-1] for arn in arns if isinstance(arn, str))
