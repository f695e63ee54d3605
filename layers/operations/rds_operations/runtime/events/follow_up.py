"""Reads what reaches react_to_rds_event: an RDS event, or the second look at a failover that a timer asks for."""

from collections.abc import Mapping

from rds_operations.domain.follow_ups import FollowUp, FollowUpKind
from rds_operations.domain.rds_events import RdsEvent
from rds_operations.runtime.events.fields import section, text, utc_time, wrong
from rds_operations.runtime.events.rds_event import parse_rds_event


def parse_occurrence(event: object) -> RdsEvent | FollowUp:
    """Return the follow-up where the event names one, and otherwise the RDS event in EventBridge's envelope.

    Raises:
        InvalidEventError: a field is missing or wrong; the message names it and what is allowed.
    """
    if isinstance(event, Mapping) and "follow_up" in event:
        return _follow_up(event)
    return parse_rds_event(event)


def _follow_up(event: Mapping[str, object]) -> FollowUp:
    kind = event["follow_up"]
    if kind not in tuple(FollowUpKind):
        raise wrong("follow_up", kind, "one of " + ", ".join(FollowUpKind))
    zones = section(event, "zones", "zones")
    restorable_time = text(event, "restorable_time", "restorable_time", default="")
    return FollowUp(
        kind=FollowUpKind(str(kind)),
        event=parse_rds_event(section(event, "event", "event")),
        incident=text(event, "incident", "incident"),
        zones={role: text(zones, role, f"zones.{role}") for role in zones},
        restorable_time=utc_time(restorable_time, "restorable_time") if restorable_time else None,
    )
