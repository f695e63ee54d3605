"""Metrics of replication: a real replica is paused, cut off, stopped and brought into conflict."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from local.postgres.access import Connection
from local.postgres.cluster import Cluster
from local.postgres.seed import DATABASE
from local.postgres.topology import Role
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.domain.database_roles import METRICS_ROLE
from rds_operations.domain.metric_queries import Node
from tests.database_setup import PASSWORDS
from tests.integration.clusters import ask
from tests.integration.measuring import (
    A_WHILE,
    QUERIES,
    baseline,
    growth,
    metrics_database,
    number,
    rows,
    until,
    until_grown,
    value,
    values,
)

MEGABYTE = 2**20


@pytest.fixture
def on_primary(cluster: Cluster) -> PostgresDatabase:
    return metrics_database(cluster.writer, DATABASE, METRICS_ROLE, PASSWORDS[METRICS_ROLE])


@pytest.fixture
def on_replica(cluster: Cluster) -> PostgresDatabase:
    return metrics_database(cluster.replica, DATABASE, METRICS_ROLE, PASSWORDS[METRICS_ROLE])


@pytest.fixture
def primary(cluster: Cluster) -> Iterator[Connection]:
    with cluster.connect_as_superuser(DATABASE) as connection:
        yield connection


@pytest.fixture
def replica(cluster: Cluster) -> Iterator[Connection]:
    with cluster.members.node(Role.REPLICA).connect(DATABASE) as connection:
        yield connection


@contextmanager
def configured(connection: Connection, **settings: str) -> Iterator[None]:
    """Let a server have other settings for as long as the `with` lasts."""
    try:
        for name, setting in settings.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{setting.replace("'", "''")}'".encode())
        connection.execute("SELECT pg_reload_conf()")
        yield
    finally:
        for name in settings:
            connection.execute(f"ALTER SYSTEM RESET {name}".encode())
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def replay_paused(replica: Connection) -> Iterator[None]:
    try:
        replica.execute("SELECT pg_wal_replay_pause()")
        until("the replay to pause", lambda: ask(replica, "SELECT pg_get_wal_replay_pause_state()") == "paused")
        yield
    finally:
        replica.execute("SELECT pg_wal_replay_resume()")


def write(primary: Connection, size: int = MEGABYTE) -> None:
    primary.execute("SELECT pg_logical_emit_message(true, 'test', repeat('x', %s))", [size])


def has_nothing_to_replay(replica: Connection) -> bool:
    return bool(ask(replica, "SELECT pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()"))


def has_replayed(replica: Connection) -> bool:
    known = ask(replica, "SELECT pg_last_xact_replay_timestamp() IS NOT NULL")
    return bool(known) and has_nothing_to_replay(replica)


def replica_labels(on_primary: PostgresDatabase) -> list[str]:
    return sorted(label.removeprefix("replica=") for label in values(on_primary, "replication_lag_bytes"))


def test_every_query_runs_where_its_header_says(
    on_primary: PostgresDatabase, on_replica: PostgresDatabase, primary: Connection, replica: Connection
) -> None:
    write(primary, 1)
    until("the replica to have replayed a transaction", lambda: has_replayed(replica))
    places = {Node.PRIMARY: [on_primary], Node.REPLICA: [on_replica], Node.ANY: [on_primary, on_replica]}

    found = {query.name: [rows(place, query.name) for place in places[query.node]] for query in QUERIES.values()}

    assert [name for name, answers in found.items() if not all(answers)] == []


def test_paused_replica_is_behind_in_bytes_and_in_seconds(
    cluster: Cluster,
    on_primary: PostgresDatabase,
    on_replica: PostgresDatabase,
    primary: Connection,
    replica: Connection,
) -> None:
    standby, name = (cluster.members.node(role).name for role in (Role.STANDBY, Role.REPLICA))
    write(primary, 1)
    until("the replica to have replayed a transaction", lambda: has_replayed(replica))
    assert (number(on_replica, "replay_paused"), number(on_replica, "replay_lag_seconds")) == (0, 0)

    with replay_paused(replica):
        assert (number(on_replica, "replay_paused"), number(on_replica, "replay_lag_seconds")) == (1, 0)
        write(primary)
        until("the readers to fall behind", lambda: number(on_replica, "replay_lag_seconds") >= A_WHILE)
        until("the standby to have it", lambda: values(on_primary, "replication_lag_bytes")[f"replica={standby}"] == 0)
        behind = values(on_primary, "replication_lag_bytes")
        assert behind[f"replica={name}"] >= MEGABYTE
        assert number(on_replica, "replay_lag_bytes") >= MEGABYTE

    until("the replica to have it", lambda: values(on_primary, "replication_lag_bytes")[f"replica={name}"] == 0)
    gauges = ("replay_paused", "replay_lag_seconds", "replay_lag_bytes")
    assert [number(on_replica, gauge) for gauge in gauges] == [0, 0, 0]


def test_replica_that_is_cut_off_is_not_up_to_date(
    on_replica: PostgresDatabase, primary: Connection, replica: Connection
) -> None:
    write(primary)
    until("the replica to be up to date", lambda: number(on_replica, "replay_lag_seconds") == 0)
    until("the replica to have it all", lambda: value(on_replica, "replay_lag_bytes") == 0)

    with configured(replica, primary_conninfo=""):
        until("the replica to grow old", lambda: number(on_replica, "replay_lag_seconds") >= A_WHILE)
        # Without a word of the primary 0 would say that nothing is missing.
        assert value(on_replica, "replay_lag_bytes") is None

    until("the replica to be up to date", lambda: number(on_replica, "replay_lag_seconds") == 0)


def test_replica_that_has_replayed_nothing_yet_has_no_data(
    cluster: Cluster, on_replica: PostgresDatabase, primary: Connection
) -> None:
    follower = cluster.members.node(Role.REPLICA)
    primary.execute("CHECKPOINT")
    cluster.ensure_replica_follows()
    with follower.connect() as before:
        before.execute("CHECKPOINT")
    follower.stop()
    follower.start()
    until("the replica to be up to date", lambda: value(on_replica, "replay_lag_seconds") == 0)

    with follower.connect() as replica, replay_paused(replica):
        assert ask(replica, "SELECT pg_last_xact_replay_timestamp()") is None
        write(primary)
        until("the log to be there", lambda: not has_nothing_to_replay(replica))
        found = value(on_replica, "replay_lag_seconds")

    assert found is None


def test_replicas_are_counted_while_they_stream(cluster: Cluster, on_primary: PostgresDatabase) -> None:
    until("standby and replica to stream", lambda: number(on_primary, "replicas_connected") == 2)

    cluster.members.node(Role.REPLICA).stop()
    until("the replica to be missed", lambda: number(on_primary, "replicas_connected") == 1)
    cluster.members.node(Role.REPLICA).start()

    until("the replica to be back", lambda: number(on_primary, "replicas_connected") == 2)


def test_replica_is_called_by_its_slot_then_by_its_name_then_by_its_address(
    cluster: Cluster, on_primary: PostgresDatabase, primary: Connection, replica: Connection
) -> None:
    standby, name = (cluster.members.node(role).name for role in (Role.STANDBY, Role.REPLICA))
    slot = "rds_ap_northeast_1_db_abcdef"
    as_on_rds = str(ask(replica, "SHOW primary_conninfo")).replace(f"application_name='{name}'", "")
    until("the replica to be called by its name", lambda: replica_labels(on_primary) == [standby, name])

    with configured(replica, primary_conninfo=f"{as_on_rds} application_name='walreceiver'"):
        until("the replica to be called by its address", lambda: replica_labels(on_primary) == ["127.0.0.1", standby])
        primary.execute("SELECT pg_create_physical_replication_slot(%s)", [slot])
        with configured(replica, primary_slot_name=slot):
            until("the replica to be called by its slot", lambda: replica_labels(on_primary) == [standby, slot])
            assert number(on_primary, "inactive_replication_slots") == 0

    until("the slot to be left", lambda: number(on_primary, "inactive_replication_slots") == 1)
    primary.execute("SELECT pg_drop_replication_slot(%s)", [slot])


def test_query_that_the_replay_cancels_is_a_conflict(
    cluster: Cluster, on_replica: PostgresDatabase, primary: Connection, replica: Connection
) -> None:
    primary.execute("CREATE TABLE public.soon_gone AS SELECT 1 AS id")
    reader = cluster.members.node(Role.REPLICA).connect(DATABASE)
    until("the table to be there", lambda: ask(reader, "SELECT to_regclass('public.soon_gone') IS NOT NULL"))
    before = baseline(on_replica, "recovery_conflicts")
    assert growth(on_replica, "recovery_conflicts", before) == 0

    with reader, configured(replica, max_standby_streaming_delay="0"):
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM public.soon_gone")
        primary.execute("DROP TABLE public.soon_gone")
        until_grown(on_replica, "recovery_conflicts", before)
        with suppress(psycopg.OperationalError):
            reader.execute("ROLLBACK")
