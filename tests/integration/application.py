"""What the tests of langpont_db share: the embedded cluster as an application is told of it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import quote, urlencode

import psutil
from sqlalchemy import text

from langpont_db import Database
from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.node import Node
from local.postgres.seed import DATABASE
from local.postgres.topology import Role
from local.waiting import wait_until
from rds_operations.domain.database_roles import APP_ROLE, READONLY_ROLE
from tests.database_setup import PASSWORDS
from tests.integration.clusters import ask, connect

NOTES = "public.application_notes"
PLACE = text("SELECT pg_is_in_recovery()")
INSERT = text("INSERT INTO public.application_notes (author) VALUES (:author) RETURNING id")
COUNT = text("SELECT count(*) FROM public.application_notes WHERE author = :author")
DEADLINE_SECONDS = 20.0


def url_of(endpoint: Endpoint, role: str = APP_ROLE, *, password: str = "", **parameters: str) -> str:
    """Return the URL of an endpoint as SQLAlchemy writes it.

    Args:
        endpoint: A server, or what leads to one.
        role: Who logs in.
        password: Another one than the role's.
        parameters: libpq's; these are added or replace others.
    """
    query = {
        "hostaddr": endpoint.host_address,
        "sslmode": "verify-full",
        "sslrootcert": str(endpoint.ca_bundle),
        **parameters,
    }
    login = f"{role}:{quote(password or PASSWORDS[role])}"
    return f"postgresql+psycopg://{login}@{endpoint.host}:{endpoint.port}/{DATABASE}?{urlencode(query)}"


def variables_of(cluster: Cluster, **more: str) -> dict[str, str]:
    """Return the environment of an application that uses the cluster."""
    return {
        "DATABASE_PRIMARY_URL": url_of(cluster.writer),
        "DATABASE_REPLICA_URLS": url_of(cluster.replica, READONLY_ROLE),
        "DATABASE_TOKEN_KEY": "a key of the tests",
        **more,
    }


def make_notes(cluster: Cluster) -> None:
    """Make an empty table that the application may write to, and wait until the replica has it."""
    with connect(cluster) as admin:
        admin.execute(f"DROP TABLE IF EXISTS {NOTES}".encode())
        admin.execute(
            f"CREATE TABLE {NOTES} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author text)".encode()
        )
    cluster.ensure_replica_follows()


@contextmanager
def database_of(cluster: Cluster, **more: str) -> Iterator[Database]:
    """Yield the cluster as an application has it, with reads that go to the replica and an empty table of notes."""
    make_notes(cluster)
    with closing(Database.from_env(variables_of(cluster, **more))) as database:
        wait_for_replica(database)
        yield database


@contextmanager
def replay_paused(cluster: Cluster) -> Iterator[None]:
    """Hold the replica's replay, which tells everybody that it is paused."""
    with cluster.members.node(Role.REPLICA).connect() as replica:
        replica.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            replica.execute("SELECT pg_wal_replay_resume()")


@contextmanager
def replay_delayed(cluster: Cluster, delay: str) -> Iterator[None]:
    """Let the replica replay each commit later, as one with too much to do would; nothing but its position tells."""
    with cluster.members.node(Role.REPLICA).connect() as replica:
        replica.execute(f"ALTER SYSTEM SET recovery_min_apply_delay = '{delay}'".encode())
        replica.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            replica.execute("ALTER SYSTEM RESET recovery_min_apply_delay")
            replica.execute("SELECT pg_reload_conf()")


def write_note(database: Database, author: str) -> None:
    """Write a note in a transaction of its own."""
    with database.get_write_session() as session:
        session.execute(INSERT, {"author": author})


def write_note_persistently(database: Database, author: str) -> None:
    """Write a note, again and again while that is safe."""
    database.run_in_transaction(lambda session: session.execute(INSERT, {"author": author}))


def count_notes(database: Database, author: str) -> int:
    """Return how many notes of an author a reader sees."""
    with database.get_read_session() as session:
        return int(session.execute(COUNT, {"author": author}).scalar_one())


def reads_from_replica(database: Database, purpose: str | None = None) -> bool:
    """Tell whether a read goes to a replica now."""
    with database.get_read_session(purpose) as session:
        return bool(session.execute(PLACE).scalar_one())


def wait_for_replica(database: Database, purpose: str | None = None) -> None:
    """Wait until reads go to a replica again."""
    wait_until(
        "reads to go to the replica", lambda: reads_from_replica(database, purpose), deadline_seconds=DEADLINE_SECONDS
    )


def freeze(node: Node) -> list[psutil.Process]:
    """Stop every process of a server, and return them: its connections stay, and answers do not come."""
    postmaster = psutil.Process(int((node.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]))
    postmaster.suspend()
    frozen = [postmaster, *postmaster.children(recursive=True)]
    for process in frozen:
        process.suspend()
    return frozen


def thaw(frozen: list[psutil.Process]) -> None:
    """Let a server that was frozen go on."""
    for process in frozen:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def commit_under_way(cluster: Cluster) -> bool:
    """Tell whether a commit waits for the standby."""
    with cluster.connect_as_superuser() as superuser:
        return bool(ask(superuser, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
