"""Tells people about an RDS event that needs them, with what became of the instance; records the others."""

from dataclasses import dataclass, field
from datetime import datetime

from rds_operations.domain.alerts import Alert, Fact
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.event_alerts import completion_alert, event_alert
from rds_operations.domain.failover_history import belongs_to_failover
from rds_operations.domain.failovers import FailoverCompletion
from rds_operations.domain.findings import Findings, history_span
from rds_operations.domain.rds_events import EventAction, Judgement, RdsEvent, in_view_of, judge, recorded
from rds_operations.ports.alerts import AlertTopic
from rds_operations.ports.clock import Clock
from rds_operations.ports.instances import Enrichment
from rds_operations.ports.metrics import MetricSink

_IN_RESPONSE = (
    "failover_duration_seconds",
    "duration_source",
    "instance_status",
    "writable",
    "replicas",
    "availability_zone",
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What was done about one event, and why.

    Args:
        event: The event.
        judgement: What was decided, with its reason.
        alert: What people were told; None when the event was recorded.
        failover: What was found about a completed failover; empty otherwise.
    """

    event: RdsEvent
    judgement: Judgement
    alert: Alert | None = None
    failover: dict[str, Fact] = field(default_factory=dict)

    def as_response(self) -> dict[str, object]:
        """Return the function's response (contracts, react_to_rds_event)."""
        return {
            "event_id": self.event.identifier,
            "category": self.judgement.rule.category,
            "severity": (self.alert.severity if self.alert else self.judgement.severity).value,
            "action": self.judgement.action.value,
            "reason": self.judgement.reason,
            "resource": self.event.resource,
            "alert_id": self.alert.id if self.alert else None,
            **self.failover,
        }


def react_to_rds_event(
    event: RdsEvent,
    *,
    deployment: Deployment,
    clock: Clock,
    enrichment: Enrichment,
    topic: AlertTopic,
    metrics: MetricSink,
) -> Reaction:
    """Alert people about the event, or record it; the duration of a failover becomes a metric.

    1. What needs nobody is recorded.
    2. What is about an instance of someone else is recorded; that is known where the primary could be described.
    3. A restart that a failover explains is recorded; a drill's stands for itself.
    4. Everything else is alerted.

    Raises:
        RetryableError: the alert could not be published; a repeat has the same identifier.
        RefusedError: publishing is not allowed.
    """
    judgement = judge(event)
    reaction = Reaction(event, judgement)
    if judgement.action is EventAction.ALERTED:
        reaction = _reaction(event, judgement, _look_up(event, clock.now(), deployment, enrichment), deployment)
    if reaction.alert:
        topic.publish(reaction.alert)
        _measure(reaction, metrics)
    return reaction


def _look_up(event: RdsEvent, now: datetime, deployment: Deployment, enrichment: Enrichment) -> Findings:
    """Return what is found out, at once; the start of our own failover is told without asking."""
    is_named = deployment.names_instance(event.resource)
    if not event.is_about_instance or (event.starts_failover and is_named):
        return Findings()
    primary = None if is_named else deployment.db_instance_identifier
    return enrichment.gather(event.resource, history_span(now, event.occurred_at), primary)


def _reaction(event: RdsEvent, judgement: Judgement, findings: Findings, deployment: Deployment) -> Reaction:
    if findings.primary and event.resource not in findings.primary.replica_identifiers:
        return Reaction(event, recorded(judgement, f"{event.resource} is not an instance of this deployment"))
    if event.is_restart and not event.is_drill and belongs_to_failover(findings.history or (), event.occurred_at):
        return Reaction(event, recorded(judgement, "the restart belongs to a failover, which is told by itself"))
    judgement = in_view_of(findings.instance.status if findings.instance else None, event, judgement)
    if not event.completes_failover:
        return Reaction(event, judgement, event_alert(event, judgement, findings, deployment))
    completion = FailoverCompletion.of(event, findings)
    alert = completion_alert(event, judgement, completion, findings, deployment)
    return Reaction(event, judgement, alert, {key: completion.facts()[key] for key in _IN_RESPONSE})


def _measure(reaction: Reaction, metrics: MetricSink) -> None:
    duration = reaction.failover.get("failover_duration_seconds")
    if isinstance(duration, float):
        metrics.add("failover_duration_seconds", duration, "Seconds")
