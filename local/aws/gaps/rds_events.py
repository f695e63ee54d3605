"""RDS events: into what DescribeEvents returns and onto EventBridge, as AWS emits them (RDS user guide, events)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge, rds


@dataclass(frozen=True, slots=True)
class RdsEvent:
    """One event; `identifier` reaches EventBridge only, because DescribeEvents returns none."""

    identifier: str
    categories: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class _Source:
    """How the history, EventBridge and the emulator's records name one kind of source."""

    in_history: str
    in_event: str
    detail_type: str
    record_prefix: str

    def identifier(self, record: Mapping[str, Any]) -> str:
        return str(record[f"{self.record_prefix}Identifier"])

    def arn(self, record: Mapping[str, Any]) -> str:
        return str(record[f"{self.record_prefix}Arn"])


_INSTANCE = _Source("db-instance", "DB_INSTANCE", "RDS DB Instance Event", "DBInstance")
_SNAPSHOT = _Source("db-snapshot", "SNAPSHOT", "RDS DB Snapshot Event", "DBSnapshot")


def emit_instance_event(instance: Mapping[str, Any], event: RdsEvent, at: datetime | None = None) -> None:
    """Record and publish an event of a DB instance.

    Args:
        instance: The emulator's record of it.
        event: What happened.
        at: When it happened; now, if nothing is given.
    """
    _emit(_INSTANCE, instance, event, at or datetime.now(UTC))


def emit_snapshot_event(snapshot: Mapping[str, Any], event: RdsEvent) -> None:
    """Record and publish an event of a DB snapshot."""
    _emit(_SNAPSHOT, snapshot, event, datetime.now(UTC))


def record_instance_event(instance: Mapping[str, Any], event: RdsEvent, at: datetime) -> None:
    """Add the event to what DescribeEvents returns, and to nothing else."""
    _record(_INSTANCE, instance, event, at)


def _emit(source: _Source, record: Mapping[str, Any], event: RdsEvent, at: datetime) -> None:
    _record(source, record, event, at)
    detail = {
        "EventCategories": list(event.categories),
        "SourceType": source.in_event,
        "SourceArn": source.arn(record),
        "Date": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Message": event.message,
        "SourceIdentifier": source.identifier(record),
        "EventID": event.identifier,
    }
    entry = {
        "Source": "aws.rds",
        "DetailType": source.detail_type,
        "Resources": [source.arn(record)],
        "Detail": json.dumps(detail),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _record(source: _Source, record: Mapping[str, Any], event: RdsEvent, at: datetime) -> None:
    rds._events[rds.new_uuid()] = {
        "SourceIdentifier": source.identifier(record),
        "SourceType": source.in_history,
        "SourceArn": source.arn(record),
        "Message": event.message,
        "Date": at.timestamp(),
        "EventCategories": list(event.categories),
    }
