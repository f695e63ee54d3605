"""Tells the log and the metrics what one run of expire_snapshots did."""

from rds_operations.domain.results import Outcome, OutcomeStatus
from rds_operations.domain.snapshot_expiry import ExpiryAction
from rds_operations.ports.metrics import MetricSink
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.expire_snapshots import ExpireSnapshotsSettings
from rds_operations.usecases.expire_snapshots import ExpiryReport


def say_what_is_off(settings: ExpireSnapshotsSettings) -> None:
    """Log once, at start, which features an empty setting switches off."""
    if not settings.alerts_topic_arn:
        logger.info("reports were switched off", extra={"setting": "ALERTS_TOPIC_ARN"})
    if not settings.runbook_base_url:
        logger.info("runbook links were switched off", extra={"setting": "RUNBOOK_BASE_URL"})


def record_expiry(report: ExpiryReport, metrics: MetricSink) -> None:
    """Log each decision to delete or defer, each failure, a refusal and the run, and count what was done.

    The first three metrics add up to the snapshots examined; in a dry run all of them are kept.
    """
    for decision in (*report.plan.to(ExpiryAction.DELETE), *report.plan.to(ExpiryAction.DEFER)):
        keys = {"action": decision.action.value, "code": decision.code.value, "reason": decision.reason}
        identifier = decision.snapshot.identifier
        logger.info("expiry was decided", extra={"snapshot_identifier": identifier, **keys, "dry_run": report.dry_run})
    for failure in report.failures:
        keys = {"code": failure.code, "reason": failure.reason}
        logger.error("snapshot could not be deleted", extra={"snapshot_identifier": failure.subject, **keys})
    if report.plan.refusal:
        logger.error("snapshot expiry was refused", extra={"reason": report.plan.refusal})
    response = report.as_response()
    del response["reasons"]  # those of deletions and deferrals were logged above, the others are in "kept"
    logger.info("snapshots were expired", extra=response)
    _count(report, metrics)


def record_expiry_alert(told: Outcome, metrics: MetricSink) -> None:
    """Log what became of the report to people, and count a failure."""
    keys = {"code": told.code, "reason": told.reason}
    has_failed = told.status is OutcomeStatus.FAILED
    if has_failed:
        logger.error("expiry could not be reported", extra=keys)
    else:
        logger.info("expiry was reported", extra={"status": told.status.value, **keys})
    metrics.add("snapshot_expiry_reports_failed", int(has_failed), "Count")


def _count(report: ExpiryReport, metrics: MetricSink) -> None:
    deleted, failed = len(report.deletions), len(report.failures)
    counts = {
        "snapshots_deleted": deleted,
        "snapshots_kept": len(report.plan.snapshots) - deleted - failed,
        "snapshot_deletions_failed": failed,
        "snapshot_expiry_refused": int(bool(report.plan.refusal)),
    }
    for name, value in counts.items():
        metrics.add(name, value, "Count")
