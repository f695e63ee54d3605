"""Tells the log and the metrics what one look of watch_backups found and did."""

from rds_operations.domain.backups import figures
from rds_operations.ports.metrics import MetricSink
from rds_operations.runtime.observability import logger
from rds_operations.usecases.watch_backups import BackupWatch

_PERCENT = ("manual_snapshot_quota_used_percent", "allocated_storage_percent_of_maximum")
# CloudWatch knows no longer unit than seconds (CloudWatch API reference, MetricDatum), so hours and minutes have none.
_WITHOUT = ("newest_good_snapshot_age_hours", "latest_restorable_time_lag_minutes", "automated_backups_enabled")
_UNITS = dict.fromkeys(_PERCENT, "Percent") | dict.fromkeys(_WITHOUT, "None")


def record_watch(watch: BackupWatch, metrics: MetricSink) -> None:
    """Log each failure and the look, and publish its figures, whatever failed."""
    for failure in watch.failures:
        keys = {"subject": failure.subject, "code": failure.code, "reason": failure.reason}
        logger.error("backup watch failed in part", extra=keys)
    logger.info("backups were watched", extra=watch.as_response())
    for name, value in figures(watch.state, watch.plan).items():
        metrics.add(name, value, _UNITS.get(name, "Count"))
