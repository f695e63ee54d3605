"""Takes the second look at a failover: tells where the primary is now, or that it was never completed."""

from dataclasses import replace

from rds_operations.domain.deployment import Deployment
from rds_operations.domain.drill_reports import DrillReport
from rds_operations.domain.event_alerts import event_alert, follow_up_alert
from rds_operations.domain.failover_history import belonged_to_failover, failover_completed_after
from rds_operations.domain.failover_looks import LaterLook, OverdueFailover
from rds_operations.domain.findings import history_span
from rds_operations.domain.follow_ups import FollowUp, FollowUpKind, FollowUpPlan
from rds_operations.domain.rds_events import RdsEvent, judge, recorded
from rds_operations.usecases.react_to_rds_event import Reaction, ReactionMeans, react_to_rds_event
from rds_operations.usecases.report_drill import DrillReaction, report_drill

_IN_RESPONSE = (
    *("zones_before", "zones_after", "multi_az", "instance_status", "writable", "replicas", "replicas_follow"),
    *("restorable_time_moves", "availability_zone"),
)


def react(
    occurrence: RdsEvent | FollowUp | DrillReport, *, deployment: Deployment, plan: FollowUpPlan, means: ReactionMeans
) -> Reaction | DrillReaction:
    """React to whatever reached the function; errors as `react_to_rds_event`."""
    if isinstance(occurrence, DrillReport):
        return report_drill(occurrence, deployment=deployment, topic=means.topic)
    if isinstance(occurrence, FollowUp):
        return follow_up_failover(occurrence, deployment=deployment, means=means)
    return react_to_rds_event(occurrence, deployment=deployment, plan=plan, means=means)


def follow_up_failover(follow_up: FollowUp, *, deployment: Deployment, means: ReactionMeans) -> Reaction:
    """Look again and tell people what is found.

    1. A failover that was completed since its start is recorded: its completion is told by itself.
    2. One that was not is alerted as critical.
    3. Of a completed one people are told the zones, and whether all is as it should be.
    4. A restart is told, or recorded where a failover explains it.

    Raises:
        RetryableError: the alert could not be published; a repeat has the same identifier.
        RefusedError: publishing is not allowed.
    """
    if follow_up.kind is FollowUpKind.RESTARTED:
        return _decide_restart(follow_up, deployment, means)
    event, judgement, now = follow_up.event, judge(follow_up.event), means.clock.now()
    findings, probe = means.ask(event.resource, history_span(now, event.occurred_at), deployment)
    # The first look may not have found the mark in time.
    event = event.marked_by(findings.tags)
    follow_up = replace(follow_up, event=event)
    if follow_up.kind is FollowUpKind.STARTED:
        if failover_completed_after(findings.history or (), event.occurred_at):
            done = recorded(judgement, "the failover was completed, which is told by itself")
            return Reaction(event, done, follow_up=follow_up)
        overdue = OverdueFailover(event.occurred_at, findings, now, probe)
        judgement = replace(judgement, reason="the failover was not completed in time")
        alert = follow_up_alert(follow_up, judgement, overdue, findings, deployment)
        means.topic.publish(alert)
        return Reaction(event, judgement, alert, {"writable": probe.writable}, follow_up)
    look = LaterLook(follow_up, findings, now, probe)
    judgement = replace(judgement, reason="RDS shows zones and standby some minutes after a failover")
    alert = follow_up_alert(follow_up, judgement, look, findings, deployment)
    means.topic.publish(alert)
    facts = look.facts()
    return Reaction(event, judgement, alert, {key: facts[key] for key in _IN_RESPONSE}, follow_up)


def _decide_restart(follow_up: FollowUp, deployment: Deployment, means: ReactionMeans) -> Reaction:
    event, judgement = follow_up.event, judge(follow_up.event)
    findings = means.enrichment.gather(event.resource, history_span(means.clock.now(), event.occurred_at))
    if belonged_to_failover(findings.history or (), event.occurred_at):
        told = recorded(judgement, "the restart belonged to a failover, which is told by itself")
        return Reaction(event, told, follow_up=follow_up)
    judgement = replace(judgement, reason="no failover explains the restart")
    event = event.marked_by(findings.tags)
    alert = event_alert(event, judgement, findings, deployment)
    means.topic.publish(alert)
    return Reaction(event, judgement, alert, follow_up=follow_up)
