"""Asks the database about the cause of an alarm; that it cannot be asked is an answer, too."""

from rds_operations.domain.diagnoses import Diagnosis, DiagnosisQuery, diagnosis_of
from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.ports.alarms import QuestionedDatabase


def diagnose_database(query: DiagnosisQuery, *, questions: QuestionedDatabase) -> Diagnosis:
    """Ask one question over a connection of its own; what fails is in the answer.

    Args:
        query: What to ask.
        questions: The database.
    """
    try:
        return diagnosis_of(query.kind, questions.rows(query.sql))
    except (RefusedError, RetryableError) as error:
        return Diagnosis(query.kind, error=str(error))
