"""Tells people what a run of expire_snapshots did; whether that succeeds changes nothing about the run."""

from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import OperationsError
from rds_operations.domain.expiry_alerts import expiry_alert
from rds_operations.domain.results import Outcome
from rds_operations.ports.alerts import AlertTopic
from rds_operations.usecases.expire_snapshots import ExpiryReport


def report_expiry(
    report: ExpiryReport, *, deployment: Deployment, topic: AlertTopic | None, place: Place | None = None
) -> Outcome:
    """Publish one alert about a run that deleted, deferred, refused or failed something; nothing about a dry run.

    Args:
        report: The run.
        deployment: Whose report it is.
        topic: Where it goes; None where reports are switched off.
        place: Where the instance lives, for links and commands.
    """
    instance = deployment.db_instance_identifier
    if report.dry_run:
        return Outcome.skipped(instance, code="dry_run", reason="a dry run changes nothing")
    alert = expiry_alert(report.plan, report.outcomes, deployment, place)
    if alert is None:
        return Outcome.skipped(instance, code="nothing_to_report", reason="there was nothing to delete")
    if topic is None:
        return Outcome.skipped(instance, code="switched_off", reason="no topic of alerts is set")
    try:
        topic.publish(alert)
    except OperationsError as error:
        return Outcome.failed(instance, code="alert_failed", reason=str(error))
    return Outcome.done(instance, code="alerted", reason=alert.title)
