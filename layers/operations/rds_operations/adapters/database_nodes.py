"""Makes the databases of every node that a function may ask, each with a login of its own."""

from collections.abc import Callable, Mapping

from rds_operations.adapters.database_logins import login_source
from rds_operations.adapters.postgres import CONNECT_TIMEOUT_SECONDS, PostgresDatabase
from rds_operations.domain.databases import DatabaseAccess, DatabaseEndpoint
from rds_operations.domain.signing import SigningIdentity


def node_databases(
    endpoints: Mapping[str, DatabaseEndpoint],
    access: DatabaseAccess,
    *,
    identity: Callable[[], SigningIdentity],
    application_name: str,
    connect_timeout_seconds: int = CONNECT_TIMEOUT_SECONDS,
) -> Mapping[str, PostgresDatabase]:
    """Return the database of each node.

    Args:
        endpoints: Where each node answers, by its DB instance identifier.
        access: Which database, and as whom.
        identity: Returns who signs a token; not asked with a secret.
        application_name: What pg_stat_activity shows.
        connect_timeout_seconds: Wait for a connection.
    """
    return {
        identifier: PostgresDatabase(
            endpoint,
            name=access.name,
            ca_bundle=access.ca_bundle,
            login=login_source(
                access.authentication,
                endpoint=endpoint,
                user=access.user,
                secret_arn=access.secret_arn,
                identity=identity,
            ),
            application_name=application_name,
            connect_timeout_seconds=connect_timeout_seconds,
        )
        for identifier, endpoint in endpoints.items()
    }
