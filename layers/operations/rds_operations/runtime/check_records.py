"""Tells the log and the metrics in what the server differs from what it should be."""

from dataclasses import asdict

from rds_operations.domain.server_check import CheckResult
from rds_operations.ports.metrics import MetricSink
from rds_operations.runtime.observability import logger

DIFFERENCES_METRIC = "database_check_differences"


def record_check(result: CheckResult, sink: MetricSink) -> None:
    """Log each difference as an error, and the check; count the differences."""
    for difference in result.differences:
        keys = asdict(difference)
        # The logger has a name of its own.
        logger.error("the server differed from what it should be", extra={"parameter": keys.pop("name")} | keys)
    logger.info(
        "the database was checked",
        extra={"checked": result.checked, "differences": len(result.differences), "not_shown": list(result.not_shown)},
    )
    sink.add(DIFFERENCES_METRIC, len(result.differences), "Count")
