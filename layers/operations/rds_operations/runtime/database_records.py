"""Tells the log and the metrics what a run found out about the database or changed in it."""

from dataclasses import asdict

from rds_operations.domain.diagnoses import Diagnosis
from rds_operations.domain.drill_writes import DrillRows
from rds_operations.domain.probes import ProbeResult
from rds_operations.domain.server_check import CheckResult
from rds_operations.ports.metrics import MetricSink
from rds_operations.runtime.observability import logger
from rds_operations.usecases.set_up_database import DatabaseSetupRun

DIFFERENCES_METRIC = "database_check_differences"


def record_setup(run: DatabaseSetupRun) -> None:
    """Log each step that failed, and the run."""
    for failure in run.failures:
        keys = {"step": failure.subject, "code": failure.code, "reason": failure.reason}
        logger.error("a step of the set-up failed", extra=keys)
    logger.info("the database was set up", extra=run.as_response() | {"failed": len(run.failures)})


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


def record_probe(result: ProbeResult | Diagnosis | DrillRows) -> None:
    """Log what was found; of a diagnosis how much, because its lines are for people who may act on them."""
    if isinstance(result, DrillRows):
        logger.info("a drill was served", extra=result.as_response())
        return
    if isinstance(result, Diagnosis):
        keys = {"diagnosis": result.kind.value, "lines": len(result.lines), "error": result.error}
        logger.info("the database was asked for a cause", extra=keys)
        return
    logger.info("the database was probed", extra=result.as_response())
