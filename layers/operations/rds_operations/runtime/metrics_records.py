"""Tells the log what one run of push_metrics did."""

from rds_operations.runtime.observability import logger
from rds_operations.usecases.push_metrics import MetricsRun


def record_metrics_run(run: MetricsRun) -> None:
    """Log each failed metric as an error, and the run."""
    for name, error in run.failures.items():
        logger.error("metric query failed", extra={"metric": name, "reason": error})
    logger.info("metrics were pushed", extra=run.as_response())
