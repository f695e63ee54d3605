"""Composes the alert about a CloudWatch alarm."""

import shlex

from rds_operations.domain.alarm_findings import AlarmFindings
from rds_operations.domain.alarms import AlarmNotification, AlarmState
from rds_operations.domain.alerts import DURING_A_DRILL, Alert, AlertKind, Fact, alert_id
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.rehearsals import REHEARSAL_SOURCE, is_rehearsal
from rds_operations.domain.times import duration_text

_TITLES = {AlarmState.ALARM: "", AlarmState.INSUFFICIENT_DATA: "No data: "}
# By the state before: an alarm that was not on is not over. A message that does not tell it is taken for the end.
_TITLES_OF_OK = {AlarmState.INSUFFICIENT_DATA: "Data are back: ", AlarmState.OK: "Still well: "}
_END = "Over: "


def alarm_alert(alarm: AlarmNotification, findings: AlarmFindings, deployment: Deployment) -> Alert:
    """Return the alert about an alarm's new state, with what was found out about its instance."""
    instance = subject_instance(alarm, deployment)
    resource = alarm.resource or instance or deployment.db_instance_identifier
    runbook = deployment.alarm_runbook_link(alarm.name, alarm.runbook)
    drill = findings.drill(alarm.changed_at)
    return Alert(
        id=alert_id(alarm.arn, alarm.change_time, alarm.state),
        kind=AlertKind.ALARM,
        severity=alarm.severity,
        title=_title(alarm),
        resource=resource,
        environment=deployment.environment,
        occurred_at=alarm.changed_at,
        summary=findings.said_in(_summary(alarm, findings) + (DURING_A_DRILL if drill else "")),
        facts=(drill.facts() if drill else {})
        | findings.past_facts(alarm)
        | findings.database_facts()
        | _alarm_facts(alarm)
        | findings.surrounding_facts(alarm.changed_at)
        | findings.missing_facts(),
        actions=_actions(alarm, findings, has_runbook=bool(runbook)),
        links=runbook | _console_links(alarm, instance) | (drill.links() if drill else {}),
        source={
            "type": REHEARSAL_SOURCE if is_rehearsal(deployment, alarm.name) else "aws.cloudwatch",
            "arn": alarm.arn,
            "state": alarm.state,
            "id": alarm.message_id,
        },
    )


def subject_instance(alarm: AlarmNotification, deployment: Deployment) -> str | None:
    """Return the instance to look at; None for alarms on others.

    1. The one that the alarm's dimensions name.
    2. None, where they name something else.
    3. A composite has none: the replica that its name ends with, else the primary.
    """
    if alarm.instance_identifier or alarm.resource is not None:
        return alarm.instance_identifier
    return deployment.alarm_instance(alarm.name) or deployment.db_instance_identifier


def _console_links(alarm: AlarmNotification, instance: str | None) -> dict[str, str]:
    return alarm.place.alarm_link(alarm.name) | (alarm.place.instance_link(instance) if instance else {})


def _title(alarm: AlarmNotification) -> str:
    if alarm.trigger is None:
        return _opening(alarm) + alarm.name
    return _opening(alarm) + alarm.trigger.short(alarm.value if alarm.state is AlarmState.ALARM else None)


def _opening(alarm: AlarmNotification) -> str:
    if alarm.state is not AlarmState.OK:
        return _TITLES[alarm.state]
    return next((title for state, title in _TITLES_OF_OK.items() if state == alarm.old_state), _END)


def _summary(alarm: AlarmNotification, findings: AlarmFindings) -> str:
    meaning = alarm.meaning or "The alarm's description does not say what it means for users."
    flapping = ""
    if findings.past and findings.past.flaps:
        flapping = f" It flaps: on {findings.past.times_on} times within 24 hours."
    if alarm.state is AlarmState.OK:
        return _summary_of_ok(alarm, meaning, findings) + flapping
    if alarm.state is AlarmState.INSUFFICIENT_DATA:
        meaning = f"CloudWatch has no data, so nobody knows whether the alarm would fire. It means: {meaning}"
    return meaning + flapping


def _summary_of_ok(alarm: AlarmNotification, meaning: str, findings: AlarmFindings) -> str:
    if alarm.old_state == AlarmState.INSUFFICIENT_DATA:
        return f"CloudWatch has data again, and the alarm is not on. It means: {meaning}"
    if alarm.old_state == AlarmState.OK:
        return f"The alarm was not on and is not on. It means: {meaning}"
    before = f", was {alarm.old_state}" if alarm.old_state else ""
    if findings.past and findings.past.began_at:
        before += f" for {duration_text(alarm.changed_at - findings.past.began_at)}"
    if peak := findings.peaks.get(alarm.name):
        before += f", at worst {peak}"
    return f"The alarm is over{before}. It meant: {meaning}"


def _alarm_facts(alarm: AlarmNotification) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "alarm_name": alarm.name,
        "state": f"{alarm.state.value}, was {alarm.old_state}" if alarm.old_state else alarm.state.value,
        "reason": alarm.reason,
    }
    if alarm.trigger:
        facts["condition"] = alarm.trigger.in_words()
        facts["dimensions"] = dict(alarm.trigger.dimensions)
    else:
        facts["alarm_rule"] = alarm.rule
        facts["triggering_alarms"] = list(alarm.triggering_alarms)
    return facts


def _actions(alarm: AlarmNotification, findings: AlarmFindings, *, has_runbook: bool) -> tuple[str, ...]:
    first = {
        AlarmState.ALARM: "Follow the runbook (link below)." if has_runbook else "Find out what changed: see below.",
        AlarmState.OK: "Nothing, unless it comes back often: then look for the cause.",
        AlarmState.INSUFFICIENT_DATA: "Check that the metric still arrives: the instance may be stopped, or what "
        "publishes the metric may fail.",
    }[alarm.state]
    if alarm.state is AlarmState.OK and findings.past and findings.past.flaps:
        first = "Look for the cause: it comes back. If nothing is wrong, change its threshold or its time."
    command = (
        f"aws cloudwatch describe-alarm-history --region {shlex.quote(alarm.place.region)}"
        f" --alarm-name {shlex.quote(alarm.name)} --history-item-type StateUpdate --max-items 10"
    )
    return first, f"See how often it changed lately:\n{command}"
