"""Answers whatever another function, or a drill, asks about the database."""

from collections.abc import Mapping
from dataclasses import dataclass

from rds_operations.domain.diagnoses import Diagnosis, DiagnosisRequest
from rds_operations.domain.drill_writes import DrillRequest, DrillRows
from rds_operations.domain.probes import ProbeResult
from rds_operations.ports.alarms import QuestionedDatabase
from rds_operations.ports.clock import Clock
from rds_operations.ports.probing import DatabaseProbe
from rds_operations.usecases.diagnose_database import diagnose_database
from rds_operations.usecases.drill_database import drill_database
from rds_operations.usecases.probe_database import probe_database


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDatabases:
    """Whom there is to ask.

    Args:
        primary: The primary's identifier.
        probe: Reaches the primary.
        questions: Answers queries, by the node's identifier.
        clock: Measures how long a look takes.
    """

    primary: str
    probe: DatabaseProbe
    questions: Mapping[str, QuestionedDatabase]
    clock: Clock


def ask_database(
    request: DiagnosisRequest | DrillRequest | None, asked: AskedDatabases
) -> ProbeResult | Diagnosis | DrillRows:
    """Look at the primary as a whole, ask a node for the cause of an alarm, or serve a drill; what fails is told.

    Args:
        request: What to do; None for the look.
        asked: Whom to ask.
    """
    if isinstance(request, DiagnosisRequest):
        return diagnose_database(request.query, questions=asked.questions[request.server or asked.primary])
    if request is not None:
        return drill_database(request, probe=asked.probe, clock=asked.clock)
    return probe_database(probe=asked.probe, clock=asked.clock)
