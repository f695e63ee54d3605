"""Asks the database how it is; that it cannot be asked is an answer, too."""

from dataclasses import replace
from datetime import datetime, timedelta

from rds_operations.domain.diagnoses import Diagnosis, DiagnosisQuery
from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.domain.probes import ProbeResult
from rds_operations.ports.alarms import QuestionedDatabase
from rds_operations.ports.clock import Clock
from rds_operations.ports.probing import DatabaseProbe, ProbedServer
from rds_operations.usecases.diagnose_database import diagnose_database


def ask_database(
    query: DiagnosisQuery | None, *, probe: DatabaseProbe, questions: QuestionedDatabase, clock: Clock
) -> ProbeResult | Diagnosis:
    """Look at the server as a whole, or ask it for the cause of an alarm; what fails is in the result.

    Args:
        query: What to ask; None for the look.
        probe: Reaches the server.
        questions: Answers the query.
        clock: Measures how long the look takes.
    """
    if query is not None:
        return diagnose_database(query, questions=questions)
    return probe_database(probe=probe, clock=clock)


def probe_database(*, probe: DatabaseProbe, clock: Clock) -> ProbeResult:
    """Reach the server, commit a write, and look who follows it; what fails is in the result.

    Args:
        probe: Reaches the server.
        clock: Measures how long that takes.
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
            return _followed(server, _written(server, reached))
    except (RefusedError, RetryableError) as error:
        return ProbeResult(reachable=False, connect_ms=_since(began, clock.now()), error=str(error))


def _written(server: ProbedServer, result: ProbeResult) -> ProbeResult:
    if server.in_recovery:
        return replace(result, writable=False)
    try:
        server.write()
    except (RefusedError, RetryableError) as error:
        return replace(result, writable=False, error=f"it takes no writes: {error}")
    return replace(result, writable=True)


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
