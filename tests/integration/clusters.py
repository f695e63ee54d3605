"""What the tests of the embedded cluster share."""

from local.postgres.access import Connection, Endpoint
from local.postgres.cluster import Cluster
from local.postgres.creation import EndpointNames
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.seed import DATABASE
from tests.database_setup import Place

NAMES = EndpointNames(
    primary="langpont-prod-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com",
    replica="langpont-prod-replica-1.c0ffee000000.ap-northeast-1.rds.amazonaws.com",
)


def place_of(endpoint: Endpoint) -> Place:
    """Return where functions reach a server of the cluster."""
    return Place(endpoint.host, endpoint.host_address, endpoint.port, endpoint.ca_bundle, DATABASE)


def connect(cluster: Cluster, endpoint: Endpoint | None = None) -> Connection:
    """Return a connection of the master user, through the writer endpoint unless another is given."""
    password = read_password(cluster.folders, MASTER_USER)
    return (endpoint or cluster.writer).connect(DATABASE, MASTER_USER, password)


def ask(connection: Connection, query: str) -> object:
    """Return the one value that a query answers."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None, query
    return row[0]
