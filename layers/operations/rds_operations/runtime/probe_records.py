"""Tells the log what the database answered."""

from rds_operations.domain.diagnoses import Diagnosis
from rds_operations.domain.drill_writes import DrillRows
from rds_operations.domain.probes import ProbeResult
from rds_operations.runtime.observability import logger


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
