"""Asks the database how it is; that it cannot be asked is an answer, too."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from rds_operations.domain.drill_writes import DrillRequest
from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.domain.probes import ProbeResult
from rds_operations.ports.clock import Clock
from rds_operations.ports.probing import DatabaseProbe, ProbedServer

WRITING_LASTS = timedelta(seconds=2)
"""A drill's rows are written for so long at most: whoever asked looks again each second."""


def probe_database(*, probe: DatabaseProbe, clock: Clock, request: DrillRequest | None = None) -> ProbeResult:
    """Reach the server, commit a write, and look who follows it; what fails is in the result.

    Args:
        probe: Reaches the server.
        clock: Measures how long that takes.
        request: The rows of a drill to write; without, a write that leaves no trace.
    """
    began = clock.now()
    try:
        with probe.reach() as server:
            reached = ProbeResult(
                reachable=True,
                connect_ms=_since(began, clock.now()),
                server_version=server.server_version,
                in_recovery=server.in_recovery,
            )
            return _followed(server, _written(server, reached, request, clock))
    except (RefusedError, RetryableError) as error:
        return ProbeResult(reachable=False, connect_ms=_since(began, clock.now()), error=str(error))


def _written(server: ProbedServer, result: ProbeResult, request: DrillRequest | None, clock: Clock) -> ProbeResult:
    acknowledged, error = 0, None
    try:
        for write in () if server.in_recovery else _writes(server, request, clock):
            write()
            acknowledged += 1
    except (RefusedError, RetryableError) as refusal:
        error = f"it takes no writes: {refusal}"
    is_writable = error is None and not server.in_recovery
    return replace(result, writable=is_writable, error=error, acknowledged=acknowledged if request else None)


def _writes(server: ProbedServer, request: DrillRequest | None, clock: Clock) -> Iterator[Callable[[], None]]:
    if request is None:
        yield server.write
        return
    until = clock.now() + WRITING_LASTS
    for sequence in range(request.first, request.first + request.count):
        if clock.now() < until:
            yield partial(server.write_row, request.run, sequence)


def _followed(server: ProbedServer, result: ProbeResult) -> ProbeResult:
    if result.error:
        # The write may have cost the connection, and is what matters.
        return result
    try:
        return replace(result, replicas=tuple(server.replicas()))
    except (RefusedError, RetryableError) as error:
        return replace(result, error=f"it does not say who follows it: {error}")


def _since(began: datetime, now: datetime) -> int:
    return round((now - began) / timedelta(milliseconds=1))
