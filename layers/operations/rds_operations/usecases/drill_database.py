"""Counts and removes a drill's rows; writing them is a look at the database that writes more than once."""

from rds_operations.domain.drill_writes import DrillAction, DrillRequest, DrillRows, as_ranges
from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.domain.probes import ProbeResult
from rds_operations.ports.clock import Clock
from rds_operations.ports.probing import DatabaseProbe
from rds_operations.usecases.probe_database import probe_database


def drill_database(request: DrillRequest, *, probe: DatabaseProbe, clock: Clock) -> ProbeResult | DrillRows:
    """Do what a drill asks for; what fails is in the result.

    Args:
        request: What it asks for.
        probe: Reaches the server.
        clock: Measures how long a look takes, and ends its writing.
    """
    if request.action is DrillAction.WRITE:
        return probe_database(probe=probe, clock=clock, request=request)
    try:
        with probe.reach() as server:
            if request.action is DrillAction.COUNT:
                return DrillRows(request.run, as_ranges(server.row_numbers(request.run)))
            server.forget_rows(request.run)
            return DrillRows(request.run)
    except (RefusedError, RetryableError) as error:
        return DrillRows(request.run, error=str(error))
