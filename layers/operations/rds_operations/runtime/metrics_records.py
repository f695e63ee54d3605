"""Tells the log what one run of push_metrics did."""

from rds_operations.domain.metric_runs import MetricsRun
from rds_operations.runtime.observability import logger


def record_metrics_run(run: MetricsRun) -> None:
    """Log each failed metric of each node as an error, and the run."""
    for node in run.nodes:
        for name, error in node.failures.items():
            logger.error("metric query failed", extra={"node": node.identifier, "metric": name, "reason": error})
    logger.info("metrics were pushed", extra=run.as_response())
