"""RDS events: into the instance's history and onto EventBridge, as AWS emits them (RDS user guide, events)."""

import json
import time
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


def emit_instance_event(instance: Mapping[str, Any], event: RdsEvent) -> None:
    """Record and publish an event of a DB instance."""
    record_in_history(instance, event)
    _publish("RDS DB Instance Event", "DB_INSTANCE", instance["DBInstanceIdentifier"], instance["DBInstanceArn"], event)


def emit_snapshot_event(snapshot: Mapping[str, Any], event: RdsEvent) -> None:
    """Publish an event of a DB snapshot."""
    _publish("RDS DB Snapshot Event", "SNAPSHOT", snapshot["DBSnapshotIdentifier"], snapshot["DBSnapshotArn"], event)


def record_in_history(instance: Mapping[str, Any], event: RdsEvent) -> None:
    """Add the event to what DescribeEvents returns."""
    rds._events[rds.new_uuid()] = {
        "SourceIdentifier": instance["DBInstanceIdentifier"],
        "SourceType": "db-instance",
        "SourceArn": instance["DBInstanceArn"],
        "Message": event.message,
        "Date": time.time(),
        "EventCategories": list(event.categories),
    }


def _publish(detail_type: str, source_type: str, identifier: str, arn: str, event: RdsEvent) -> None:
    detail = {
        "EventCategories": list(event.categories),
        "SourceType": source_type,
        "SourceArn": arn,
        "Date": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Message": event.message,
        "SourceIdentifier": identifier,
        "EventID": event.identifier,
    }
    entry = {"Source": "aws.rds", "DetailType": detail_type, "Resources": [arn], "Detail": json.dumps(detail)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
