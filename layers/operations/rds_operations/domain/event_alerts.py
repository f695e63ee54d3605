"""Composes the alert about an RDS event."""

import shlex
from dataclasses import replace

from rds_operations.domain.alerts import DRILL_LABEL, DURING_A_DRILL, Alert, AlertKind, Fact, alert_id
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.failover_looks import LaterLook, OverdueFailover
from rds_operations.domain.failovers import FailoverCompletion
from rds_operations.domain.findings import Findings
from rds_operations.domain.follow_ups import FollowUp
from rds_operations.domain.rds_event_rules import PARTS_OF_A_FAILOVER
from rds_operations.domain.rds_events import Judgement, RdsEvent

_FAILOVER_RUNBOOK = "failover"


def event_alert(event: RdsEvent, judgement: Judgement, findings: Findings, deployment: Deployment) -> Alert:
    """Return the alert about an event, with what was found out about its instance."""
    is_failover = event.starts_failover or event.completes_failover
    title, summary = _words(event, judgement.rule.meaning, judgement.rule.impact)
    return Alert(
        id=alert_id(event.resource, event.identifier, event.date),
        kind=AlertKind.FAILOVER if is_failover else AlertKind.EVENT,
        severity=judgement.severity,
        title=title,
        resource=event.resource,
        environment=deployment.environment,
        occurred_at=event.occurred_at,
        summary=findings.said_in(summary),
        facts=_facts(event, findings),
        actions=_actions(event, judgement),
        links=(deployment.runbook_link(_FAILOVER_RUNBOOK) if is_failover else {}) | _links(event),
        source={
            "type": event.source,
            "event_id": event.identifier,
            "id": event.envelope_id,
            "arn": event.arn,
        },
    )


def completion_alert(
    event: RdsEvent, judgement: Judgement, completion: FailoverCompletion, findings: Findings, deployment: Deployment
) -> Alert:
    """Return the alert about a completed failover: how long it took and what is up again."""
    alert = event_alert(event, judgement, findings, deployment)
    facts = {key: fact for key, fact in alert.facts.items() if key not in findings.instance_facts()}
    title, summary = _words(event, completion.title(judgement.rule.meaning), completion.summary())
    return replace(
        alert,
        severity=completion.severity,
        title=title,
        summary=findings.said_in(summary),
        facts=completion.facts() | facts,
    )


def follow_up_alert(
    follow_up: FollowUp,
    judgement: Judgement,
    look: LaterLook | OverdueFailover,
    findings: Findings,
    deployment: Deployment,
) -> Alert:
    """Return the alert of a second look at a failover: of the same incident, with an identifier of its own.

    A failover that does not end is no part of a drill, whoever asked for it.
    """
    alert = event_alert(follow_up.event, judgement, findings, deployment)
    facts = {key: fact for key, fact in alert.facts.items() if key not in findings.instance_facts()}
    overdue = look if isinstance(look, OverdueFailover) else None
    title, summary = _words(follow_up.event, look.title(), look.summary(), is_expected=overdue is None)
    return replace(
        alert,
        id=follow_up.id,
        severity=look.severity,
        title=title,
        summary=findings.said_in(summary),
        facts=look.facts() | facts | findings.history_facts(look.now),
        actions=(*((overdue.advice(),) if overdue else ()), *alert.actions[1:]),
        source={**alert.source, "follow_up": follow_up.kind.value, "incident": follow_up.incident},
    )


def _words(event: RdsEvent, title: str, summary: str, *, is_expected: bool = True) -> tuple[str, str]:
    """Return title and summary: with a label what is a drill's doing, with a sentence what comes in its time."""
    forced = event.mark is not None and event.identifier in PARTS_OF_A_FAILOVER and is_expected
    if event.is_simulated or forced:
        return f"{DRILL_LABEL} {title}", summary
    return title, summary + (DURING_A_DRILL if event.mark else "")


def _facts(event: RdsEvent, findings: Findings) -> dict[str, Fact]:
    return {
        **_drill_facts(event),
        "rds_message": event.message.strip(),
        "event_id": event.identifier,
        "event_categories": list(event.categories),
        **findings.instance_facts(),
        **findings.history_facts(event.occurred_at),
        **findings.missing_facts(),
    }


def _drill_facts(event: RdsEvent) -> dict[str, Fact]:
    if event.mark:
        return event.mark.facts()
    return {"drill": True} if event.is_drill else {}


def _actions(event: RdsEvent, judgement: Judgement) -> tuple[str, ...]:
    if not event.is_about_instance:
        return (judgement.rule.advice,)
    command = (
        f"aws rds describe-db-instances --region {shlex.quote(event.place.region)}"
        f" --db-instance-identifier {shlex.quote(event.resource)}"
        " --query 'DBInstances[].[DBInstanceStatus,AvailabilityZone]'"
    )
    return judgement.rule.advice, f"Ask RDS how the instance is now:\n{command}"


def _links(event: RdsEvent) -> dict[str, str]:
    console = event.place.instance_link(event.resource) if event.is_about_instance else {}
    return console | (event.mark.links() if event.mark else {})
