"""Tells the log and the metrics what one run of expire_snapshots did."""

from rds_operations.domain.snapshot_expiry import ExpiryAction
from rds_operations.ports import MetricSink
from rds_operations.runtime.observability import logger
from rds_operations.usecases.expire_snapshots import ExpiryReport


def record_expiry(report: ExpiryReport, metrics: MetricSink) -> None:
    """Log each decision to delete or defer, each failure and the run, and count what was done.

    The three metrics add up to the snapshots examined; in a dry run all of them are kept.
    """
    for decision in (*report.plan.to(ExpiryAction.DELETE), *report.plan.to(ExpiryAction.DEFER)):
        keys = {"action": decision.action.value, "reason": decision.reason, "dry_run": report.dry_run}
        logger.info("expiry was decided", extra={"snapshot_identifier": decision.snapshot.identifier, **keys})
    for failure in report.failures:
        keys = {"code": failure.code, "reason": failure.reason}
        logger.error("snapshot could not be deleted", extra={"snapshot_identifier": failure.subject, **keys})
    response = report.as_response()
    del response["reasons"]  # those of deletions and deferrals were logged above, the others are in "kept"
    logger.info("snapshots were expired", extra=response)
    _count(report, metrics)


def _count(report: ExpiryReport, metrics: MetricSink) -> None:
    deleted, failed = len(report.deletions), len(report.failures)
    counts = {
        "snapshots_deleted": deleted,
        "snapshots_kept": len(report.plan.decisions) - deleted - failed,
        "snapshot_deletions_failed": failed,
    }
    for name, value in counts.items():
        metrics.add(name, value, "Count")
