"""Asks the database for the functions that are not inside the VPC: an unreachable one is an answer, too."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.database_nodes import node_databases
from rds_operations.adapters.postgres_probe import CONNECT_TIMEOUT_SECONDS, PostgresProbe, PostgresQuestions
from rds_operations.runtime.diagnoses import load_diagnoses
from rds_operations.runtime.events.probe_request import requested_look
from rds_operations.runtime.observability import logger
from rds_operations.runtime.probe_records import record_probe
from rds_operations.runtime.settings.probe_database import ProbeDatabaseSettings
from rds_operations.runtime.settings.signing import signing_identity
from rds_operations.usecases.ask_database import AskedDatabases, ask_database

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = ProbeDatabaseSettings.from_env()
diagnoses = load_diagnoses(Path(__file__).parent / "diagnoses")
databases = node_databases(
    settings.endpoints,
    settings.access,
    identity=signing_identity,
    application_name="probe_database",
    connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
)
asked = AskedDatabases(
    primary=settings.db_instance_identifier,
    probe=PostgresProbe(databases[settings.db_instance_identifier]),
    questions={identifier: PostgresQuestions(database) for identifier, database in databases.items()},
    clock=SystemClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Look at the primary as a whole, ask a node for the cause of an alarm, or serve a drill."""
    result = ask_database(requested_look(event, diagnoses, settings.endpoints), asked)
    record_probe(result)
    return result.as_response()
