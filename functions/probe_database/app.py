"""Asks the database for the functions that are not inside the VPC: an unreachable one is an answer, too."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.database_logins import login_source
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.adapters.postgres_probe import CONNECT_TIMEOUT_SECONDS, PostgresProbe, PostgresQuestions
from rds_operations.runtime.diagnoses import load_diagnoses, requested_diagnosis
from rds_operations.runtime.observability import logger
from rds_operations.runtime.probe_records import record_probe
from rds_operations.runtime.settings.probe_database import ProbeDatabaseSettings
from rds_operations.runtime.settings.signing import signing_identity
from rds_operations.usecases.probe_database import ask_database

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

diagnoses = load_diagnoses(Path(__file__).parent / "diagnoses")
settings = ProbeDatabaseSettings.from_env()
login = login_source(
    settings.db_auth,
    endpoint=settings.endpoint,
    user=settings.db_user,
    secret_arn=settings.db_secret_arn,
    identity=signing_identity,
)
database = PostgresDatabase(
    settings.endpoint,
    name=settings.db_name,
    ca_bundle=settings.db_ca_bundle,
    login=login,
    application_name="probe_database",
    connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Look at the server as a whole, or ask it for the cause of an alarm."""
    query = requested_diagnosis(event, diagnoses)
    result = ask_database(
        query, probe=PostgresProbe(database), questions=PostgresQuestions(database), clock=SystemClock()
    )
    record_probe(result)
    return result.as_response()
