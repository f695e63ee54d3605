"""Real PostgreSQL for the integration tests: one seeded server with TLS, and a whole cluster, each once a session."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from langpont_db import Database
from local.free_ports import find_free_ports
from local.postgres.access import Connection, Endpoint
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.data_directory import initialise
from local.postgres.folders import Folders
from local.postgres.node import Node
from local.postgres.preparation import prepare
from local.postgres.seed import DATABASE, seed, set_role_password
from local.processes import Processes
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.domain.database_roles import METRICS_ROLE
from tests.database_setup import PASSWORDS, Place, set_up
from tests.integration.application import database_of
from tests.integration.clusters import NAMES, place_of

HOST = "langpont-test-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """What a test needs to connect: `host` is the certificate's name, `host_address` where it really is."""

    host: str
    host_address: str
    port: int
    ca_bundle: Path
    database: str
    admin_user: str
    admin_password: str
    metrics_user: str
    metrics_password: str
    node: Node

    def connect_as_superuser(self, database: str = DATABASE) -> Connection:
        """Return an autocommit connection that may do everything, e.g. add rows or take rights away."""
        return self.node.connect(database)

    @property
    def place(self) -> Place:
        """Where functions reach it."""
        return Place(self.host, self.host_address, self.port, self.ca_bundle, self.database)

    def as_master(self) -> PostgresDatabase:
        """Return it as a function reaches it that logs in as the master user."""
        return self.place.as_user(self.admin_user, self.admin_password)

    def set_role_password(self, role: str, password: str) -> None:
        """Give an existing role another password."""
        with self.connect_as_superuser() as superuser:
            set_role_password(superuser, self.node.folders, role, password)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    folders = Folders(tmp_path_factory.mktemp("postgres-server"))
    try:
        server = _start_server(folders, datetime.now(UTC))
        set_up(server.as_master()).raise_failures()
        yield server
    finally:
        Processes(folders.root).stop_leftovers()


@pytest.fixture(scope="module")
def new_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server as RDS hands it over: nobody has set it up."""
    folders = Folders(tmp_path_factory.mktemp("new-server"))
    try:
        yield _start_server(folders, datetime.now(UTC))
    finally:
        Processes(folders.root).stop_leftovers()


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server that a module may restart, damage and configure as it likes."""
    folders = Folders(tmp_path_factory.mktemp("own-server"))
    try:
        server = _start_server(folders, datetime.now(UTC))
        set_up(server.as_master()).raise_failures()
        yield server
    finally:
        Processes(folders.root).stop_leftovers()


@pytest.fixture(scope="session")
def created_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.up(NAMES)
        yield cluster
    finally:
        cluster.down()


@pytest.fixture
def cluster(created_cluster: Cluster) -> Cluster:
    """A whole cluster, whatever the test before did to it."""
    created_cluster.rebuild_standby()
    created_cluster.ensure_replica_follows()
    password = read_password(created_cluster.folders, MASTER_USER)
    set_up(place_of(created_cluster.writer).as_user(MASTER_USER, password)).raise_failures()
    return created_cluster


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """The cluster as an application has it, well, and with an empty table of notes."""
    with database_of(cluster) as database:
        yield database


def _start_server(folders: Folders, now: datetime) -> PostgresServer:
    programs = prepare(folders, [HOST], now)
    (port,) = find_free_ports(1)
    node = Node("node_1", Endpoint(HOST, port, folders.ca_bundle), folders, programs)
    initialise(node)
    node.start()
    seed(node, now)
    return PostgresServer(
        host=HOST,
        host_address=node.endpoint.host_address,
        port=port,
        ca_bundle=folders.ca_bundle,
        database=DATABASE,
        admin_user=MASTER_USER,
        admin_password=read_password(folders, MASTER_USER),
        metrics_user=METRICS_ROLE,
        metrics_password=PASSWORDS[METRICS_ROLE],
        node=node,
    )
