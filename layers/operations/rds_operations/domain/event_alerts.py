"""Composes the alert about an RDS event."""

import shlex
from dataclasses import replace

from rds_operations.domain.alerts import DRILL_LABEL, Alert, AlertKind, Fact, alert_id
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.failover_looks import LaterLook, OverdueFailover
from rds_operations.domain.failovers import FailoverCompletion
from rds_operations.domain.findings import Findings
from rds_operations.domain.follow_ups import FollowUp
from rds_operations.domain.rds_events import Judgement, RdsEvent

_FAILOVER_RUNBOOK = "failover"


def event_alert(event: RdsEvent, judgement: Judgement, findings: Findings, deployment: Deployment) -> Alert:
    """Return the alert about an event, with what was found out about its instance."""
    is_failover = event.starts_failover or event.completes_failover
    return Alert(
        id=alert_id(event.resource, event.identifier, event.date),
        kind=AlertKind.FAILOVER if is_failover else AlertKind.EVENT,
        severity=judgement.severity,
        title=_title(event, judgement.rule.meaning),
        resource=event.resource,
        environment=deployment.environment,
        occurred_at=event.occurred_at,
        summary=findings.said_in(judgement.rule.impact),
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
    return replace(
        alert,
        severity=completion.severity,
        title=_title(event, completion.title(judgement.rule.meaning)),
        summary=findings.said_in(completion.summary()),
        facts=completion.facts() | facts,
    )


def follow_up_alert(
    follow_up: FollowUp,
    judgement: Judgement,
    look: LaterLook | OverdueFailover,
    findings: Findings,
    deployment: Deployment,
) -> Alert:
    """Return the alert of a second look at a failover: of the same incident, with an identifier of its own."""
    alert = event_alert(follow_up.event, judgement, findings, deployment)
    facts = {key: fact for key, fact in alert.facts.items() if key not in findings.instance_facts()}
    advice = (look.advice(),) if isinstance(look, OverdueFailover) else ()
    return replace(
        alert,
        id=follow_up.id,
        severity=look.severity,
        title=_title(follow_up.event, look.title()),
        summary=findings.said_in(look.summary()),
        facts=look.facts() | facts | findings.history_facts(look.now),
        actions=(*advice, *alert.actions[1:]),
        source={**alert.source, "follow_up": follow_up.kind.value, "incident": follow_up.incident},
    )


def _title(event: RdsEvent, meaning: str) -> str:
    return f"{DRILL_LABEL} {meaning}" if event.is_drill else meaning


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
