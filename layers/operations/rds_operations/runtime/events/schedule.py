"""Reads what the schedules and people send to the snapshot functions.

A field that nobody knows is refused: a misspelt `scheduled_time` would mean now, and a misspelt `dry_run` would delete.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from rds_operations.domain.snapshots import SnapshotRequest, Tier
from rds_operations.domain.tags import ALLOWED_VALUE, is_tag_value
from rds_operations.runtime.events.fields import wrong

_ALLOWED_TIME = "an ISO 8601 time with its zone, such as 2026-11-23T18:00:00Z, or no such field, which means now"


def parse_snapshot_request(event: object, now: datetime) -> SnapshotRequest:
    """Return what create_snapshot is asked for; what no schedule asks for is on demand, and has its own retention.

    Args:
        event: `{}`, or an object with `scheduled_time`, `reason`, or both.
        now: When the request is carried out, and the time of one without `scheduled_time`; aware of its zone.

    Raises:
        InvalidEventError: a field is unknown or wrong; a time that cannot be parsed is never now.
    """
    fields = _fields(event, ("scheduled_time", "reason"))
    if "scheduled_time" not in fields:
        return SnapshotRequest(now, _reason(fields, default="on-demand"), Tier.ON_DEMAND)
    scheduled_at = _scheduled_time(fields["scheduled_time"])
    return SnapshotRequest(scheduled_at, _reason(fields, default="scheduled"), asked_at=now)


def parse_dry_run(event: object) -> bool:
    """Return whether expire_snapshots is to decide only.

    Args:
        event: `{}`, or an object with `dry_run`.

    Raises:
        InvalidEventError: a field is unknown, or `dry_run` is neither true nor false.
    """
    dry_run = _fields(event, ("dry_run",)).get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise wrong("dry_run", dry_run, "true or false")
    return dry_run


def _fields(event: object, known: Collection[str]) -> Mapping[str, object]:
    allowed = f"an object with no other fields than {', '.join(known)}"
    if not isinstance(event, Mapping):
        raise wrong("the event", event, allowed)
    if not set(event) <= set(known):
        raise wrong("the event", dict(event), allowed)
    return event


def _scheduled_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise wrong("scheduled_time", value, _ALLOWED_TIME)
    try:
        time = datetime.fromisoformat(value)
        in_utc = time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError) as error:
        raise wrong("scheduled_time", value, _ALLOWED_TIME) from error
    if in_utc is None:
        raise wrong("scheduled_time", value, _ALLOWED_TIME)
    return in_utc


def _reason(fields: Mapping[str, object], default: str) -> str:
    reason = fields.get("reason", default)
    if not isinstance(reason, str) or not is_tag_value(reason):
        raise wrong("reason", reason, ALLOWED_VALUE)
    return reason
