"""Compares what the server runs with what the deployment meant."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.database_logins import login_source
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.adapters.postgres_inspector import PostgresInspector
from rds_operations.runtime.check_records import record_check
from rds_operations.runtime.events.no_input import require_no_input
from rds_operations.runtime.metrics import EmbeddedMetricSink, function_metrics
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.check_database import CheckDatabaseSettings
from rds_operations.runtime.settings.signing import signing_identity
from rds_operations.usecases.check_database import check_database

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = CheckDatabaseSettings.from_env()
metrics = function_metrics(environment=settings.environment, db_instance_identifier=settings.db_instance_identifier)
login = login_source(
    settings.db_auth,
    endpoint=settings.endpoint,
    user=settings.db_user,
    secret_arn=settings.db_secret_arn,
    identity=signing_identity,
)
ca_bundle, name = settings.db_ca_bundle, settings.db_name
database = PostgresDatabase(
    settings.endpoint, name=name, ca_bundle=ca_bundle, login=login, application_name="check_database"
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Ask the server once; differences are in the response, in the log as errors and in a metric."""
    require_no_input(event)
    with database.connection() as connection:
        result = check_database(settings.plan, inspector=PostgresInspector(connection))
    record_check(result, EmbeddedMetricSink(metrics))
    return result.as_response()
