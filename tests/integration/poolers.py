"""A real PgBouncer before the tests' cluster, and clients of it."""

from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from local.environment import PoolerAccess
from local.pooler.configuration import READER_DATABASE, WRITER_DATABASE, Login, Upstream, Upstreams
from local.pooler.program import HOW_TO_INSTALL, PoolerProgram, find_pgbouncer
from local.pooler.running import LocalPooler
from local.postgres.access import Connection, Endpoint
from local.postgres.cluster import Cluster
from local.postgres.seed import DATABASE
from local.processes import Processes
from rds_operations.domain.database_roles import APP_ROLE, READONLY_ROLE
from tests.database_setup import PASSWORDS


def pgbouncer_here() -> PoolerProgram:
    """Return this machine's PgBouncer; without one, what needs it is skipped, and nothing else."""
    program = find_pgbouncer()
    if program is None:
        pytest.skip(HOW_TO_INSTALL)
    return program


def upstreams_of(cluster: Cluster) -> Upstreams:
    """Return what a pooler of the cluster leads to: by its address, for PgBouncer takes none beside the name."""
    writer, replica = cluster.writer, cluster.replica
    return Upstreams(
        DATABASE,
        Upstream(writer.host_address, writer.port, Login(APP_ROLE, PASSWORDS[APP_ROLE])),
        Upstream(replica.host_address, replica.port, Login(READONLY_ROLE, PASSWORDS[READONLY_ROLE])),
        cluster.folders.ca_bundle.read_text(encoding="utf-8"),
    )


@dataclass(frozen=True, slots=True)
class RunningPooler:
    """A pooler, and how a client reaches it: TLS with its certificate checked by name."""

    root: Path
    access: PoolerAccess

    def connect(self, database: str = WRITER_DATABASE, user: str = APP_ROLE, password: str = "") -> Connection:
        """Return a connection that prepares nothing, as every client of a pooler has to do before 1.21."""
        endpoint = Endpoint(self.access.endpoint, self.access.port, Path(self.access.ca_bundle))
        connection = endpoint.connect(database, user, password or PASSWORDS[user])
        connection.prepare_threshold = None
        return connection

    def read(self) -> Connection:
        """Return a connection to the reading database."""
        return self.connect(READER_DATABASE, READONLY_ROLE)

    def show(self, what: str) -> list[dict[str, object]]:
        """Return what PgBouncer's console shows."""
        with self.connect("pgbouncer") as console:
            shown = psycopg.ClientCursor(console, row_factory=psycopg.rows.dict_row).execute(f"SHOW {what}".encode())
            return shown.fetchall()


def start(root: Path, upstreams: Upstreams) -> RunningPooler:
    """Start a pooler under a root of its own."""
    return RunningPooler(root, LocalPooler(root, pgbouncer_here()).ensure(upstreams))


def stop(root: Path) -> None:
    """Stop what was started under a root."""
    Processes(root).stop_leftovers()


def with_authorities(upstreams: Upstreams, authorities: str) -> Upstreams:
    """Return the same servers, trusted by other authorities."""
    return replace(upstreams, authorities=authorities)
