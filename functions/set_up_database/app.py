"""Makes extensions, roles and rights in the database what they should be, as its master user."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.adapters.postgres_administration import administration
from rds_operations.adapters.role_passwords import read_role_passwords
from rds_operations.adapters.secrets import SecretLogin
from rds_operations.runtime.events.no_input import require_no_input
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.set_up_database import SetUpDatabaseSettings
from rds_operations.runtime.setup_records import record_setup
from rds_operations.usecases.set_up_database import set_up_database

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = SetUpDatabaseSettings.from_env()
database = PostgresDatabase(
    settings.endpoint,
    name=settings.db_name,
    ca_bundle=settings.db_ca_bundle,
    login=SecretLogin(settings.db_secret_arn),
    application_name="set_up_database",
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Run every step; fail with all that failed, after all were tried."""
    require_no_input(event)
    passwords = read_role_passwords(settings.role_secret_arns)
    with administration(database) as server:
        run = set_up_database(settings.roles, passwords, server)
    record_setup(run)
    run.raise_failures()
    return run.as_response()
