"""Tells the log what a run changed in the database."""

from rds_operations.runtime.observability import logger
from rds_operations.usecases.set_up_database import DatabaseSetupRun


def record_setup(run: DatabaseSetupRun) -> None:
    """Log each step that failed, and the run."""
    for failure in run.failures:
        keys = {"step": failure.subject, "code": failure.code, "reason": failure.reason}
        logger.error("a step of the set-up failed", extra=keys)
    logger.info("the database was set up", extra=run.as_response() | {"failed": len(run.failures)})
