"""The embedded cluster as an application reaches it: what the measurements of langpont_db share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from local.instances import ENDPOINT_NAMES
from local.postgres.access import Connection, Endpoint
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.seed import DATABASE


@contextmanager
def application_cluster(scratch: Path) -> Iterator[Cluster]:
    """Yield a cluster that is started for a measurement, and stopped afterwards.

    Args:
        scratch: An empty folder.
    """
    cluster = Cluster(scratch / "cluster")
    try:
        cluster.up(ENDPOINT_NAMES)
        yield cluster
    finally:
        cluster.down()


def connect(cluster: Cluster) -> Connection:
    """Return a connection to the writer endpoint whose statements commit by themselves."""
    return cluster.writer.connect(DATABASE, MASTER_USER, read_password(cluster.folders, MASTER_USER))


def url_of(cluster: Cluster, endpoint: Endpoint) -> str:
    """Return the URL of an endpoint, verified, as SQLAlchemy writes it."""
    query = urlencode(
        {"hostaddr": endpoint.host_address, "sslmode": "verify-full", "sslrootcert": str(endpoint.ca_bundle)}
    )
    login = f"{MASTER_USER}:{quote(read_password(cluster.folders, MASTER_USER), safe='')}"
    return f"postgresql+psycopg://{login}@{endpoint.host}:{endpoint.port}/{DATABASE}?{query}"


def variables_of(cluster: Cluster) -> Mapping[str, str]:
    """Return the environment of an application that uses the cluster."""
    return {
        "DATABASE_PRIMARY_URL": url_of(cluster, cluster.writer),
        "DATABASE_REPLICA_URLS": url_of(cluster, cluster.replica),
        "DATABASE_TOKEN_KEY": "of this measurement",
    }
