"""Tells people about an RDS event that needs them, with what became of the instance; records the others."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from rds_operations.domain.alerts import Alert, Fact
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import OperationsError
from rds_operations.domain.event_alerts import completion_alert, event_alert
from rds_operations.domain.failover_history import belongs_to_failover, failover_completed_after
from rds_operations.domain.failovers import FailoverCompletion
from rds_operations.domain.findings import Findings, history_span
from rds_operations.domain.follow_ups import FollowUp, FollowUpPlan
from rds_operations.domain.probes import NOT_ASKED, ProbeAnswer
from rds_operations.domain.rds_events import (
    EventAction,
    Judgement,
    RdsEvent,
    in_view_of,
    judge,
    over_already,
    recorded,
)
from rds_operations.ports.alerts import AlertTopic
from rds_operations.ports.clock import Clock
from rds_operations.ports.instances import Enrichment
from rds_operations.ports.metrics import MetricSink
from rds_operations.ports.reactions import FollowUps, PromptProbe

LATE_AFTER = timedelta(seconds=30)
"""A start that comes later than this may come after its completion; of an earlier one the history is not asked."""

_ONLY_THE_PRIMARY = ProbeAnswer(missing="only the primary is probed")
_IN_RESPONSE = (
    "failover_duration_seconds",
    "duration_source",
    "instance_status",
    "writable",
    "replicas",
    "replicas_follow",
    "availability_zone",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionMeans:
    """What a reaction works with.

    Args:
        clock: Tells the time.
        enrichment: Asks RDS.
        topic: Where people are told.
        metrics: Takes the duration of a failover.
        probe: Asks the database; None where nothing can.
        follow_ups: Remembers second looks; None where nothing does.
    """

    clock: Clock
    enrichment: Enrichment
    topic: AlertTopic
    metrics: MetricSink
    probe: PromptProbe | None = None
    follow_ups: FollowUps | None = None

    def ask(
        self, resource: str, looking_back: timedelta, deployment: Deployment, primary: str | None = None
    ) -> tuple[Findings, ProbeAnswer]:
        """Return what RDS and, at the same time, the database answer about a failed-over instance."""
        is_primary = resource.lower() == deployment.db_instance_identifier.lower()
        pending = self.probe.ask() if self.probe and is_primary else None
        findings = self.enrichment.gather(resource, looking_back, primary)
        if pending:
            return findings, pending()
        return findings, NOT_ASKED if is_primary else _ONLY_THE_PRIMARY


@dataclass(frozen=True, slots=True)
class Reaction:
    """What was done about one event, and why.

    Args:
        event: The event.
        judgement: What was decided, with its reason.
        alert: What people were told; None when the event was recorded.
        failover: What was found about a completed failover; empty otherwise.
        follow_up: The second look that is to be taken, or was; None without one.
        unless_remembered: What people are told where that look cannot be remembered; None where they were told already.
    """

    event: RdsEvent
    judgement: Judgement
    alert: Alert | None = None
    failover: dict[str, Fact] = field(default_factory=dict)
    follow_up: FollowUp | None = None
    unless_remembered: Alert | None = None

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
            **({"follow_up": self.follow_up.name} if self.follow_up else {}),
        }


def react_to_rds_event(
    event: RdsEvent, *, deployment: Deployment, plan: FollowUpPlan, means: ReactionMeans
) -> Reaction:
    """Alert people about the event, or record it; the duration of a failover becomes a metric.

    1. What needs nobody is recorded.
    2. What is about an instance of someone else is recorded; that is known where the primary could be described.
    3. A restart that a failover explains is recorded, and one of which that shows later is looked at again, or told
       where that look cannot be remembered; a simulated one stands for itself.
    4. Everything else is alerted, and only then a second look at a failover is remembered.

    Raises:
        RetryableError: the alert could not be published, or the second look not be remembered; a repeat has the same
            identifiers.
        RefusedError: one of them is not allowed.
    """
    judgement = judge(event)
    if judgement.action is not EventAction.ALERTED:
        return Reaction(event, judgement)
    reaction = _reaction(event, judgement, deployment, means)
    if reaction.alert:
        means.topic.publish(reaction.alert)
        _measure(reaction, means.metrics)
    if reaction.follow_up is None or means.follow_ups is None:
        return replace(reaction, follow_up=None)
    due_at = reaction.follow_up.due_at(means.clock.now(), plan)
    try:
        means.follow_ups.remember(reaction.follow_up.name, due_at, reaction.follow_up.as_input())
    except OperationsError as error:
        if reaction.unless_remembered is None:
            raise
        means.topic.publish(reaction.unless_remembered)
        told = replace(judgement, reason=f"told without a second look: {error}")
        return Reaction(reaction.event, told, reaction.unless_remembered)
    return reaction


def _reaction(event: RdsEvent, judgement: Judgement, deployment: Deployment, means: ReactionMeans) -> Reaction:
    findings, probe = _look_up(event, deployment, means)
    event = event.marked_by(findings.tags)
    if findings.primary and event.resource not in findings.primary.replica_identifiers:
        return Reaction(event, recorded(judgement, f"{event.resource} is not an instance of this deployment"))
    if event.is_restart and not event.is_simulated:
        belongs = belongs_to_failover(findings.history or (), event.occurred_at)
        if belongs:
            return Reaction(event, recorded(judgement, "the restart belongs to a failover, which is told by itself"))
        if belongs is None and means.follow_ups:
            later = recorded(judgement, "whether the restart belongs to a failover shows later")
            at_once = event_alert(event, judgement, findings, deployment)
            return Reaction(event, later, follow_up=FollowUp.of_restart(event), unless_remembered=at_once)
    judgement = in_view_of(findings.instance.status if findings.instance else None, event, judgement)
    if not event.completes_failover:
        return _started_or_other(event, judgement, findings, deployment)
    completion = FailoverCompletion.of(event, findings, probe)
    alert = completion_alert(event, judgement, completion, findings, deployment)
    told = {key: completion.facts()[key] for key in _IN_RESPONSE}
    follow_up = FollowUp.of_completion(event, completion.started_at, findings.instance)
    return Reaction(event, judgement, alert, told, follow_up)


def _started_or_other(event: RdsEvent, judgement: Judgement, findings: Findings, deployment: Deployment) -> Reaction:
    # A simulated completion is in no history, so that nobody could tell later whether it came.
    follow_up = FollowUp.of_start(event) if event.starts_failover and not event.is_simulated else None
    if follow_up and failover_completed_after(findings.history or (), event.occurred_at):
        judgement, follow_up = over_already(judgement), None
    return Reaction(event, judgement, event_alert(event, judgement, findings, deployment), follow_up=follow_up)


def _look_up(event: RdsEvent, deployment: Deployment, means: ReactionMeans) -> tuple[Findings, ProbeAnswer]:
    """Return what is found out, at once.

    Of the start of our own failover, unless it is late, only whether it is a drill: people are waiting for it.
    """
    is_named, now = deployment.names_instance(event.resource), means.clock.now()
    is_news = event.starts_failover and is_named and now - event.occurred_at <= LATE_AFTER
    if not event.is_about_instance:
        return Findings(), NOT_ASKED
    if is_news:
        return (Findings() if event.is_drill else means.enrichment.describe(event.resource)), NOT_ASKED
    primary = None if is_named else deployment.db_instance_identifier
    looking_back = history_span(now, event.occurred_at)
    if event.completes_failover:
        return means.ask(event.resource, looking_back, deployment, primary)
    return means.enrichment.gather(event.resource, looking_back, primary), NOT_ASKED


def _measure(reaction: Reaction, metrics: MetricSink) -> None:
    duration = reaction.failover.get("failover_duration_seconds")
    if isinstance(duration, float):
        metrics.add("failover_duration_seconds", duration, "Seconds")
