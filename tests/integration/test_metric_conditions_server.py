"""Metrics of the server itself: a server of this module's own is restarted, damaged and configured for each."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from local.postgres.access import Connection
from local.postgres.credentials import SUPERUSER, read_password
from local.waiting import wait_until
from rds_operations.adapters.postgres import PostgresDatabase
from tests.integration.clusters import ask
from tests.integration.conftest import PostgresServer
from tests.integration.measuring import (
    A_WHILE,
    DEADLINE_SECONDS,
    baseline,
    flush,
    growth,
    metrics_database_of,
    number,
    until,
    until_grown,
    use_transaction_ids,
)

MEGABYTE = 2**20
PAGE = 8192


@pytest.fixture(scope="module")
def server(own_server: PostgresServer) -> PostgresServer:
    with own_server.connect_as_superuser() as superuser:
        superuser.execute("ALTER SYSTEM SET max_prepared_transactions = 2")
    restart(own_server)
    return own_server


@pytest.fixture
def database(server: PostgresServer) -> PostgresDatabase:
    return metrics_database_of(server)


@pytest.fixture
def superuser(server: PostgresServer) -> Iterator[Connection]:
    with server.connect_as_superuser() as connection:
        yield connection


def restart(server: PostgresServer) -> None:
    server.node.stop()
    server.node.start()


def configure(superuser: Connection, change: str) -> None:
    superuser.execute(f"ALTER SYSTEM {change}".encode())
    superuser.execute("SELECT pg_reload_conf()")


def write_log(superuser: Connection, size: int) -> None:
    superuser.execute("SELECT pg_logical_emit_message(true, 'test', repeat('x', %s))", [size])


def test_prepared_transaction_ages_and_holds_the_horizon(database: PostgresDatabase, superuser: Connection) -> None:
    assert number(database, "prepared_transaction_seconds") == 0
    assert number(database, "xmin_horizon_age") < 50

    superuser.execute("BEGIN")
    superuser.execute("SELECT pg_current_xact_id()")
    superuser.execute("PREPARE TRANSACTION 'orphan'")
    use_transaction_ids(superuser, 100)
    until("the transaction to age", lambda: number(database, "prepared_transaction_seconds") >= A_WHILE)
    assert number(database, "oldest_transaction_seconds") == 0
    assert number(database, "xmin_horizon_age") >= 100
    superuser.execute("ROLLBACK PREPARED 'orphan'")

    assert number(database, "prepared_transaction_seconds") == 0
    assert number(database, "xmin_horizon_age") < 50


def test_setting_that_waits_for_a_restart_is_counted(database: PostgresDatabase, superuser: Connection) -> None:
    assert number(database, "settings_pending_restart") == 0

    configure(superuser, "SET max_connections = 301")
    until("the setting to wait", lambda: number(database, "settings_pending_restart") == 1)
    configure(superuser, "RESET max_connections")

    until("nothing to wait", lambda: number(database, "settings_pending_restart") == 0)


def test_checkpoint_on_request_is_counted(database: PostgresDatabase, superuser: Connection) -> None:
    before = baseline(database, "requested_checkpoints")
    assert growth(database, "requested_checkpoints", before) == 0

    superuser.execute("CHECKPOINT")

    until_grown(database, "requested_checkpoints", before)


def test_log_that_cannot_be_archived_is_counted(database: PostgresDatabase, superuser: Connection) -> None:
    before = baseline(database, "wal_archive_failures")
    assert growth(database, "wal_archive_failures", before) == 0

    configure(superuser, "SET archive_command = '/bin/false'")
    write_log(superuser, 1)
    superuser.execute("SELECT pg_switch_wal()")
    until_grown(database, "wal_archive_failures", before)
    configure(superuser, "RESET archive_command")


@pytest.mark.parametrize(
    ("name", "statistics"), [("requested_checkpoints", "bgwriter"), ("wal_archive_failures", "archiver")]
)
def test_statistics_of_the_server_that_were_reset_are_a_new_baseline(
    name: str, statistics: str, database: PostgresDatabase, superuser: Connection
) -> None:
    superuser.execute("SELECT pg_stat_reset_shared(%s)", [statistics])
    before = baseline(database, name)
    assert growth(database, name, before) == 0

    superuser.execute("SELECT pg_stat_reset_shared(%s)", [statistics])

    assert growth(database, name, before) is None


def test_slot_that_nobody_reads_keeps_log(database: PostgresDatabase, superuser: Connection) -> None:
    slots = ("inactive_replication_slots", "replication_slot_retained_bytes")
    assert [number(database, name) for name in slots] == [0, 0]

    superuser.execute("SELECT pg_create_physical_replication_slot('left_behind', true)")
    write_log(superuser, 3 * MEGABYTE)
    inactive, retained = (number(database, name) for name in slots)
    superuser.execute("SELECT pg_drop_replication_slot('left_behind')")

    assert inactive == 1
    assert 3 * MEGABYTE <= retained < 20 * MEGABYTE
    assert [number(database, name) for name in slots] == [0, 0]


def test_slot_in_use_keeps_log_and_is_not_inactive(database: PostgresDatabase, superuser: Connection) -> None:
    superuser.execute("SELECT pg_create_physical_replication_slot('in_use', true, temporary => true)")
    write_log(superuser, MEGABYTE)

    assert number(database, "inactive_replication_slots") == 0
    assert number(database, "replication_slot_retained_bytes") >= MEGABYTE


def test_pages_that_come_from_the_disk_are_no_cache_hits(server: PostgresServer, database: PostgresDatabase) -> None:
    restart(server)
    read = b"SELECT count(*) FROM translations.translation_history"
    with server.connect_as_superuser() as superuser:
        pages = ask(superuser, "SELECT pg_relation_size('translations.translation_history') / 8192")
        before = baseline(database, "cache_hit_percent")
        superuser.execute(read)
        flush(superuser)
        until("the reading to count", lambda: (growth(database, "cache_hit_percent", before) or 100.0) < 95)

        since = baseline(database, "cache_hit_percent")
        for _ in range(10):
            superuser.execute(read)
        flush(superuser)

        assert int(str(pages)) > 100
        until("only hits", lambda: (growth(database, "cache_hit_percent", since) or 0.0) > 95)


def test_damaged_page_is_a_checksum_failure(server: PostgresServer, database: PostgresDatabase) -> None:
    with server.connect_as_superuser() as superuser:
        superuser.execute("CREATE TABLE public.damaged AS SELECT generate_series(1, 10) AS id")
        path = server.node.data / str(ask(superuser, "SELECT pg_relation_filepath('public.damaged')"))
    server.node.stop()
    content = bytearray(path.read_bytes())
    content[PAGE // 2] ^= 0xFF
    path.write_bytes(content)
    server.node.start()
    before = baseline(database, "checksum_failures")
    assert growth(database, "checksum_failures", before) == 0

    with server.connect_as_superuser() as superuser:
        with pytest.raises(psycopg.errors.DataCorrupted, match="invalid page"):
            superuser.execute("SELECT * FROM public.damaged")
        flush(superuser)
        until_grown(database, "checksum_failures", before)

        superuser.execute("DROP TABLE public.damaged")


def test_connection_without_tls_is_missing_in_the_share(server: PostgresServer, database: PostgresDatabase) -> None:
    assert number(database, "tls_connections_percent") == 100

    with plain_connections_allowed(server), plain_connection(server):
        share = number(database, "tls_connections_percent")

    assert 0 < share < 100
    assert number(database, "tls_connections_percent") == 100


@contextmanager
def plain_connections_allowed(server: PostgresServer) -> Iterator[None]:
    rules = server.node.data / "pg_hba.conf"
    text = rules.read_text(encoding="utf-8")
    try:
        rules.write_text(f"{text}hostnossl all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        yield
    finally:
        rules.write_text(text, encoding="utf-8")


@contextmanager
def plain_connection(server: PostgresServer) -> Iterator[None]:
    def connected() -> psycopg.Connection | None:
        try:
            return psycopg.connect(
                host=server.host_address,
                port=server.port,
                dbname=server.database,
                user=SUPERUSER,
                password=read_password(server.node.folders, SUPERUSER),
                sslmode="disable",
            )
        except psycopg.OperationalError:
            return None

    with server.connect_as_superuser() as superuser:
        superuser.execute("SELECT pg_reload_conf()")
    found = wait_until("the server to let plain connections in", connected, deadline_seconds=DEADLINE_SECONDS)
    assert found is not None
    with found:
        yield
