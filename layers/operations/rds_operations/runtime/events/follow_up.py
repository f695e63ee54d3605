"""Reads what reaches react_to_rds_event: an RDS event, the second look that a timer asks for, or a drill's report."""

from collections.abc import Mapping

from rds_operations.domain.drill_reports import DrillReport
from rds_operations.domain.follow_ups import FollowUp, FollowUpKind
from rds_operations.domain.rds_events import DRILL_SOURCE, RdsEvent
from rds_operations.runtime.events.drill_report import DETAIL_TYPE, parse_drill_report
from rds_operations.runtime.events.fields import section, text, utc_time, wrong
from rds_operations.runtime.events.rds_event import parse_rds_event


def parse_occurrence(event: object) -> RdsEvent | FollowUp | DrillReport:
    """Return the follow-up where the event names one, a drill's report, or the RDS event in EventBridge's envelope.

    Raises:
        InvalidEventError: a field is missing or wrong; the message names it and what is allowed.
    """
    if isinstance(event, Mapping) and "follow_up" in event:
        return _follow_up(event)
    if isinstance(event, Mapping) and event.get("source") == DRILL_SOURCE and event.get("detail-type") == DETAIL_TYPE:
        return parse_drill_report(event)
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
