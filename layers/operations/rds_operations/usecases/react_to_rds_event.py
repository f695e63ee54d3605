"""Tells people about an RDS event that needs them, with what became of the instance; records the others."""

from dataclasses import dataclass, field
from datetime import datetime

from rds_operations.domain.alerts import Alert, Fact
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.event_alerts import completion_alert, event_alert
from rds_operations.domain.failovers import FailoverCompletion
from rds_operations.domain.findings import RECENT_PERIOD, Findings, history_span
from rds_operations.domain.rds_events import (
    EventAction,
    Judgement,
    RdsEvent,
    belongs_to_failover,
    judge,
    recorded,
)
from rds_operations.ports import AlertTopic, Clock, Enrichment, MetricSink

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

    Raises:
        RetryableError: the alert could not be published; a repeat has the same identifier.
        RefusedError: publishing is not allowed.
    """
    judgement = _judge_ours(event, deployment, enrichment)
    reaction = Reaction(event, judgement)
    if judgement.action is EventAction.ALERTED:
        reaction = _reaction(event, judgement, _look_up(event, clock.now(), enrichment), deployment)
    if reaction.alert:
        topic.publish(reaction.alert)
        _measure(reaction, metrics)
    return reaction


def _judge_ours(event: RdsEvent, deployment: Deployment, enrichment: Enrichment) -> Judgement:
    judgement = judge(event)
    if judgement.action is EventAction.RECORDED or not event.is_about_instance:
        return judgement
    if deployment.names_instance(event.resource):
        return judgement
    primary = enrichment.gather(deployment.db_instance_identifier, RECENT_PERIOD).instance
    if primary is None or event.resource in primary.replica_identifiers:
        return judgement
    return recorded(judgement, f"{event.resource} is not an instance of this deployment")


def _look_up(event: RdsEvent, now: datetime, enrichment: Enrichment) -> Findings:
    """Return what is found out; the start of a failover is told at once, without asking."""
    if event.starts_failover or not event.is_about_instance:
        return Findings()
    return enrichment.gather(event.resource, history_span(now, event.occurred_at))


def _reaction(event: RdsEvent, judgement: Judgement, findings: Findings, deployment: Deployment) -> Reaction:
    if event.is_restart and belongs_to_failover(findings.history or (), event.occurred_at):
        return Reaction(event, recorded(judgement, "the restart belongs to a failover, which is told by itself"))
    if not event.completes_failover:
        return Reaction(event, judgement, event_alert(event, judgement, findings, deployment))
    completion = FailoverCompletion.of(event, findings)
    alert = completion_alert(event, judgement, completion, findings, deployment)
    return Reaction(event, judgement, alert, {key: completion.facts()[key] for key in _IN_RESPONSE})


def _measure(reaction: Reaction, metrics: MetricSink) -> None:
    duration = reaction.failover.get("failover_duration_seconds")
    if isinstance(duration, float):
        metrics.add("failover_duration_seconds", duration, "Seconds")
