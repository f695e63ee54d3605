"""How the metrics role logs in to an embedded cluster: with its secret where it is deployed, else newly set up."""

import json
import secrets

from local.environment import Environment
from local.errors import LocalError
from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.seed import DATABASE
from local.redrive.places import embedded_place
from local.redrive.queues import deployed_resources, in_words
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.adapters.postgres_administration import administration
from rds_operations.domain.database_roles import METRICS_ROLE, RolePassword, wanted_roles
from rds_operations.domain.databases import Authentication, DatabaseEndpoint, DatabaseLogin
from rds_operations.usecases.set_up_database import set_up_database

APPLICATION_NAME = "metrics_check"
_SECRET = "MetricsSecret"  # noqa: S105 - its logical id
_MAX_CONNECTIONS = 300


def set_up_login(cluster: Cluster, password: str) -> DatabaseLogin:
    """Make the roles of a cluster that nobody has set up, as the deployed function does, and return the metrics role's.

    Args:
        cluster: A cluster that is up.
        password: What the metrics role shall log in with.

    Raises:
        OperationsError: the server cannot be reached, or a step of the set-up failed.
    """
    master = DatabaseLogin(MASTER_USER, read_password(cluster.folders, MASTER_USER))
    roles = wanted_roles(max_connections=_MAX_CONNECTIONS, metrics_authentication=Authentication.SECRET)
    # Another version than any before it: the password is set, whatever the role remembers.
    wanted = {METRICS_ROLE: RolePassword(METRICS_ROLE, password, secrets.token_hex(8))}
    with administration(reached(cluster.writer, master)) as server:
        set_up_database(roles, wanted, server).raise_failures()
    return DatabaseLogin(METRICS_ROLE, password)


def deployed_login(environment: Environment) -> DatabaseLogin:
    """Return what the deployed function logs in with.

    Raises:
        LocalError: the stack has no such secret, or the local AWS does not answer.
    """
    place = embedded_place(environment)
    with in_words("reading the secret of the metrics role"):
        cloudformation = place.session.client("cloudformation", endpoint_url=place.endpoint_url)
        name = deployed_resources(cloudformation, place.stack_name).get(_SECRET)
        if name is None:
            raise LocalError(f"stack {place.stack_name} has no {_SECRET}; run `make down`, then `make up`")
        manager = place.session.client("secretsmanager", endpoint_url=place.endpoint_url)
        secret = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    return DatabaseLogin(secret["username"], secret["password"])


def reached(endpoint: Endpoint, login: DatabaseLogin) -> PostgresDatabase:
    """Return the database behind an endpoint as a function reaches it."""
    return PostgresDatabase(
        DatabaseEndpoint(endpoint.host, endpoint.port, endpoint.host_address),
        name=DATABASE,
        ca_bundle=str(endpoint.ca_bundle),
        login=lambda: login,
        application_name=APPLICATION_NAME,
    )
