"""What people are told when a failover drill has ended: what was promised and measured, and where the report is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rds_operations.domain.alerts import DRILL_LABEL, Alert, AlertKind, Severity, alert_id
from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.drill_marks import report_link
from rds_operations.domain.rds_events import DRILL_SOURCE

RUNBOOK = "failover"
_FAILED = "Read the report with those who were there, and mend what it shows before the next drill."
_PASSED = "Write the date and the numbers into the table of the recovery plan."
_UNMEASURED = "Find out why something was not measured (the report says it), and drill again."


class Verdict(StrEnum):
    """What became of an objective."""

    PASSED = "pass"
    FAILED = "fail"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class DrillObjective:
    """One promise, as a drill found it kept or not.

    Args:
        identifier: E.g. O1.
        promise: What was promised.
        measured: What was found, in words.
        verdict: What follows.
    """

    identifier: str
    promise: str
    measured: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class DrillReport:
    """A drill that has ended.

    Args:
        resource: The instance that was failed over.
        ended_at: When it ended, UTC.
        date: The same as it came: part of the alert's identifier.
        objectives: What was promised.
        report: Where the whole report is: an address, or a place in words.
        arn: The instance's ARN; empty where it was not told.
        place: Partition and region.
        envelope_id: EventBridge's identifier of the delivery.
    """

    resource: str
    ended_at: datetime
    date: str
    objectives: tuple[DrillObjective, ...]
    report: str
    arn: str
    place: Place
    envelope_id: str

    def with_verdict(self, verdict: Verdict) -> Sequence[DrillObjective]:
        """Return the objectives of which that became."""
        return [objective for objective in self.objectives if objective.verdict is verdict]


def drill_report_alert(report: DrillReport, deployment: Deployment) -> Alert:
    """Return the alert about a drill: a warning where an objective was missed."""
    missed, unmeasured = report.with_verdict(Verdict.FAILED), report.with_verdict(Verdict.NOT_MEASURED)
    return Alert(
        id=alert_id(report.resource, "drill-report", report.date),
        kind=AlertKind.REPORT,
        severity=Severity.WARNING if missed else Severity.INFO,
        title=f"{DRILL_LABEL} The failover drill {'missed ' + _names(missed) if missed else 'passed'}",
        resource=report.resource,
        environment=deployment.environment,
        occurred_at=report.ended_at,
        summary=_summary(missed, unmeasured),
        facts={
            "drill": True,
            "objectives": {_name(each): f"{each.verdict} ({each.measured})" for each in report.objectives},
            "report": report.report,
        },
        actions=(_FAILED if missed else _UNMEASURED if unmeasured else _PASSED,),
        links=report_link(report.report)
        | deployment.runbook_link(RUNBOOK)
        | report.place.instance_link(report.resource),
        source={"type": DRILL_SOURCE, "id": report.envelope_id, "arn": report.arn},
    )


def _summary(missed: Sequence[DrillObjective], unmeasured: Sequence[DrillObjective]) -> str:
    found = "The drill is over; users were cut off for the time of the failover, as announced."
    if missed:
        found += f" Not kept: {'; '.join(each.promise for each in missed)}."
    if unmeasured:
        found += f" Not measured: {'; '.join(each.promise for each in unmeasured)}."
    return found if missed or unmeasured else f"{found} All that was promised was kept."


def _name(objective: DrillObjective) -> str:
    return f"{objective.identifier}, {objective.promise}"


def _names(objectives: Sequence[DrillObjective]) -> str:
    return " and ".join(dict.fromkeys(each.identifier for each in objectives))
