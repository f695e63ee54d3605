"""What an RDS event asks for: alert or record, and how bad it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from rds_operations.domain.alerts import Severity
from rds_operations.domain.console_links import Place
from rds_operations.domain.drill_marks import DrillMark, drill_mark
from rds_operations.domain.rds_event_routine import ROUTINE
from rds_operations.domain.rds_event_rules import (
    FAILOVER_COMPLETIONS,
    FAILOVER_STARTS,
    PLANNED_STATUSES,
    RESTARTED,
    SHUT_DOWN,
    EventRule,
)
from rds_operations.domain.rds_event_table import ALERTED

RDS_SOURCE = "aws.rds"
DRILL_SOURCE = "langpont.drill"
_UNKNOWN_SEVERITIES = {
    "failure": Severity.CRITICAL,
    "low storage": Severity.CRITICAL,
    "configuration change": Severity.INFO,
    "maintenance": Severity.INFO,
    "security patching": Severity.INFO,
}
_ROUTINE_CATEGORIES = frozenset({"backup", "backtrack", "creation", "restoration"})


class EventAction(StrEnum):
    """What became of an event."""

    ALERTED = "alerted"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class RdsEvent:
    """One RDS event as EventBridge delivered it.

    Args:
        identifier: RDS's event identifier, e.g. `RDS-EVENT-0049`; empty in very old events.
        resource: Identifier of the instance, snapshot or parameter group.
        source_type: `DB_INSTANCE`, `SNAPSHOT` or `DB_PARAM`.
        categories: RDS's categories; none, one or two.
        occurred_at: RDS's own time of the event, UTC.
        date: The same as it came: part of the alert's identifier.
        message: RDS's text; shown, never matched.
        arn: The resource's ARN; empty where the event carried none.
        place: Partition and region.
        envelope_id: EventBridge's identifier of the delivery.
        is_simulated: Whether a drill sent it, and not RDS: nothing has happened to the instance.
        tags: The instance's, as far as they came with the event or were asked for.
    """

    identifier: str
    resource: str
    source_type: str
    categories: tuple[str, ...]
    occurred_at: datetime
    date: str
    message: str
    arn: str
    place: Place
    envelope_id: str
    is_simulated: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Who sent it, as EventBridge names it."""
        return DRILL_SOURCE if self.is_simulated else RDS_SOURCE

    @property
    def mark(self) -> DrillMark | None:
        """The mark of a drill that the instance bore when it happened; None without one."""
        return drill_mark(self.tags, self.occurred_at)

    @property
    def is_drill(self) -> bool:
        """Whether a drill sent it, or was under way when it happened."""
        return self.is_simulated or self.mark is not None

    def marked_by(self, tags: Mapping[str, str]) -> "RdsEvent":
        """Return the event with the mark in an instance's tags, if they bear one."""
        found = drill_mark(tags, self.occurred_at)
        return replace(self, tags={**self.tags, **found.tags()}) if found else self

    @property
    def is_about_instance(self) -> bool:
        """Whether the resource is a DB instance."""
        return self.source_type == "DB_INSTANCE"

    @property
    def starts_failover(self) -> bool:
        """Whether a failover or an activation has just begun."""
        return self.identifier in FAILOVER_STARTS

    @property
    def completes_failover(self) -> bool:
        """Whether a failover or an activation is over."""
        return self.identifier in FAILOVER_COMPLETIONS

    @property
    def is_restart(self) -> bool:
        """Whether the instance restarted, by itself or as part of a failover."""
        return self.identifier == RESTARTED


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done about an event, and why.

    Args:
        action: Alert a person, or record it.
        rule: What the event means and asks for; with a severity when it is alerted.
        reason: Why, in a sentence.
    """

    action: EventAction
    rule: EventRule
    reason: str

    @property
    def severity(self) -> Severity:
        """How soon a person has to act; what is only recorded asks for nothing."""
        return self.rule.severity or Severity.INFO


def judge(event: RdsEvent) -> Judgement:
    """Return whether the event needs a person.

    1. An identifier documented as needing a person is alerted.
    2. A documented routine identifier is recorded.
    3. An unknown identifier is recorded when its category is routine in all documented cases;
    4. otherwise alerted, as severe as its category suggests: nothing unknown is dropped.
    """
    if rule := ALERTED.get(event.identifier):
        return Judgement(EventAction.ALERTED, rule, f"{event.identifier} needs a person")
    if rule := ROUTINE.get(event.identifier):
        return Judgement(EventAction.RECORDED, rule, f"{event.identifier} is routine")
    name = event.identifier or "an event without identifier"
    said = " and ".join(event.categories) or "no category"
    rule = _rule_of_categories(event, name, said)
    action = EventAction.RECORDED if rule.severity is None else EventAction.ALERTED
    return Judgement(action, rule, f"{name} is unknown, judged by {said}")


def recorded(judgement: Judgement, reason: str) -> Judgement:
    """Return the same judgement with nothing left to tell a person."""
    return Judgement(EventAction.RECORDED, judgement.rule, reason)


def in_view_of(status: str | None, event: RdsEvent, judgement: Judgement) -> Judgement:
    """Return the judgement with regard to the instance's status: a shutdown that someone or RDS planned is a warning.

    Args:
        status: RDS's word for the instance; None where it could not be asked.
        event: The event.
        judgement: What was decided about it.
    """
    if event.identifier != SHUT_DOWN or status not in PLANNED_STATUSES:
        return judgement
    rule = replace(judgement.rule, severity=Severity.WARNING)
    return replace(judgement, rule=rule, reason=f"{judgement.reason}; the instance is {status}, so it was planned")


def over_already(judgement: Judgement) -> Judgement:
    """Return the judgement of a start that comes after its completion: told, and nobody has to act."""
    rule = replace(
        judgement.rule,
        meaning=f"{judgement.rule.meaning}, and is over",
        severity=Severity.RESOLVED,
        impact="This was told late: RDS's events show that the failover has been completed since.",
        advice="Check that the application writes again; restart what still holds connections to the old server.",
    )
    return replace(judgement, rule=rule, reason=f"{judgement.reason}; it came late, and the failover is over")


def _rule_of_categories(event: RdsEvent, name: str, said: str) -> EventRule:
    if event.categories and set(event.categories) <= _ROUTINE_CATEGORIES:
        return EventRule(said, f"Unknown routine event {name}")
    known = [_UNKNOWN_SEVERITIES.get(category, Severity.WARNING) for category in event.categories]
    severity = next((level for level in Severity if level in known), Severity.WARNING)
    return EventRule(
        said,
        f"Unknown event {name} ({said})",
        severity,
        "The kit does not know this event; RDS's own message is below.",
        "Read RDS's message and the list of RDS events in its user guide, then decide.",
    )
