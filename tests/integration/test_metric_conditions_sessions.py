"""Metrics of sessions, locks and transactions: each condition is made to happen on a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress

import psycopg
import pytest

from local.postgres.access import Connection
from rds_operations.adapters.postgres import PostgresDatabase
from tests.integration.conftest import PostgresServer
from tests.integration.measuring import (
    A_WHILE,
    baseline,
    flush,
    growth,
    metrics_database_of,
    number,
    running,
    until,
    until_grown,
    use_transaction_ids,
    value,
    values,
)

# 300 of max_connections without 3 of superuser_reserved_connections (local/postgres/configuration.py).
ORDINARY_CONNECTIONS = 297


@pytest.fixture
def database(postgres_server: PostgresServer) -> PostgresDatabase:
    return metrics_database_of(postgres_server)


@pytest.fixture
def one(postgres_server: PostgresServer) -> Iterator[Connection]:
    with postgres_server.connect_as_superuser() as session:
        yield session


@pytest.fixture
def other(postgres_server: PostgresServer) -> Iterator[Connection]:
    with postgres_server.connect_as_superuser() as session:
        yield session


@pytest.fixture
def contested_table(postgres_server: PostgresServer) -> Iterator[None]:
    with postgres_server.connect_as_superuser() as session:
        session.execute("CREATE TABLE public.contested AS SELECT id, 0 AS changes FROM generate_series(1, 2) AS id")
        yield
        session.execute("DROP TABLE public.contested")


def test_connections_are_per_cent_of_those_for_ordinary_roles(
    database: PostgresDatabase, postgres_server: PostgresServer
) -> None:
    before = number(database, "connections_used_percent")

    with ExitStack() as sessions:
        for _ in range(10):
            sessions.enter_context(postgres_server.connect_as_superuser())
        used = number(database, "connections_used_percent")

    assert before < 5
    assert used - before == pytest.approx(100 * 10 / ORDINARY_CONNECTIONS)


def test_connections_are_counted_by_what_they_do(
    database: PostgresDatabase, one: Connection, other: Connection
) -> None:
    before = values(database, "connections")
    assert (before["state=active"], before["state=other"]) == (1, 0)

    one.execute("BEGIN")
    with running(other, "SELECT pg_sleep(60)"):
        until("the query to run", lambda: values(database, "connections")["state=active"] > before["state=active"])
        now = values(database, "connections")

    assert {state: now[state] - count for state, count in before.items()} == {
        "state=active": 1,
        "state=idle": -2,
        "state=idle in transaction": 1,
        "state=other": 0,
    }


def test_oldest_transaction_is_measured_while_it_is_open(database: PostgresDatabase, one: Connection) -> None:
    assert number(database, "oldest_transaction_seconds") == 0

    one.execute("BEGIN")
    until("the transaction to age", lambda: number(database, "oldest_transaction_seconds") >= A_WHILE)
    one.execute("COMMIT")

    assert number(database, "oldest_transaction_seconds") == 0


@pytest.mark.parametrize("last_statement", ["SELECT 1", "SELECT 1 / 0"], ids=["idle", "aborted"])
def test_transaction_that_does_nothing_is_measured(
    last_statement: str, database: PostgresDatabase, one: Connection
) -> None:
    assert number(database, "idle_in_transaction_seconds") == 0

    one.execute("BEGIN")
    with suppress(psycopg.errors.DivisionByZero):
        one.execute(last_statement.encode())
    until("the transaction to idle", lambda: number(database, "idle_in_transaction_seconds") >= A_WHILE)
    one.execute("ROLLBACK")

    assert number(database, "idle_in_transaction_seconds") == 0


def test_longest_query_is_measured_and_is_not_idle(database: PostgresDatabase, one: Connection) -> None:
    assert number(database, "longest_query_seconds") == 0

    with running(one, "SELECT pg_sleep(60)"):
        until("the query to take long", lambda: number(database, "longest_query_seconds") >= A_WHILE)
        idle = number(database, "idle_in_transaction_seconds")

    assert idle == 0
    assert number(database, "longest_query_seconds") == 0


def test_query_is_timed_from_its_own_start_not_its_transactions(database: PostgresDatabase, one: Connection) -> None:
    one.execute("BEGIN")
    until("the transaction to age", lambda: number(database, "oldest_transaction_seconds") >= A_WHILE)

    with running(one, "SELECT pg_sleep(60)"):
        until("the query to run", lambda: number(database, "longest_query_seconds") > 0)
        query = number(database, "longest_query_seconds")
        transaction = number(database, "oldest_transaction_seconds")

    assert transaction - query >= A_WHILE


@pytest.mark.usefixtures("contested_table")
def test_blocked_session_is_counted_and_timed(database: PostgresDatabase, one: Connection, other: Connection) -> None:
    assert (value(database, "blocked_sessions"), value(database, "longest_block_seconds")) == (0, 0)

    one.execute("BEGIN")
    one.execute("LOCK TABLE public.contested")
    with running(other, "SELECT count(*) FROM public.contested"):
        until("the session to wait", lambda: number(database, "longest_block_seconds") >= A_WHILE)
        blocked = number(database, "blocked_sessions")
        one.execute("ROLLBACK")

    assert blocked == 1
    assert (value(database, "blocked_sessions"), value(database, "longest_block_seconds")) == (0, 0)


@pytest.mark.usefixtures("contested_table")
def test_deadlock_is_counted_once(database: PostgresDatabase, one: Connection, other: Connection) -> None:
    change = "UPDATE public.contested SET changes = changes + 1 WHERE id = %s"
    before = baseline(database, "deadlocks")
    assert growth(database, "deadlocks", before) == 0

    for session, row in [(one, 1), (other, 2)]:
        session.execute("SET deadlock_timeout = '50ms'")
        session.execute("BEGIN")
        session.execute(change, [row])
    with running(one, change.replace("%s", "2")):
        with suppress(psycopg.errors.DeadlockDetected):
            other.execute(change, [1])
        other.execute("ROLLBACK")
    one.execute("ROLLBACK")
    flush(one)
    flush(other)

    until_grown(database, "deadlocks", before)
    assert growth(database, "deadlocks", before) == 1


def test_rollbacks_are_per_cent_of_all_transactions(database: PostgresDatabase, one: Connection) -> None:
    before = baseline(database, "rollback_percent")
    for _ in range(100):
        one.execute("BEGIN")
        one.execute("ROLLBACK")
    flush(one)

    until_grown(database, "rollback_percent", before, at_least=50)

    since = baseline(database, "rollback_percent")
    use_transaction_ids(one, 10)
    flush(one)
    until("commits without rollbacks", lambda: growth(database, "rollback_percent", since) == 0)


def test_transaction_id_age_counts_transactions(database: PostgresDatabase, one: Connection) -> None:
    before = number(database, "transaction_id_age")

    use_transaction_ids(one, 100)

    assert 100 <= number(database, "transaction_id_age") - before < 200


@pytest.mark.usefixtures("contested_table")
def test_multixact_id_age_counts_shared_row_locks(
    database: PostgresDatabase, one: Connection, other: Connection
) -> None:
    before = number(database, "multixact_id_age")

    for _ in range(3):
        for session in (one, other):
            session.execute("BEGIN")
            session.execute("SELECT 1 FROM public.contested FOR SHARE")
        one.execute("COMMIT")
        other.execute("COMMIT")

    assert number(database, "multixact_id_age") >= before + 3


@pytest.mark.parametrize(
    "statement", ["SELECT count(*) FROM pg_class", "SELECT pg_current_xact_id()"], ids=["snapshot", "transaction id"]
)
def test_xmin_horizon_is_held_by_an_open_transaction(
    statement: str, database: PostgresDatabase, one: Connection, other: Connection
) -> None:
    assert number(database, "xmin_horizon_age") < 50

    one.execute("BEGIN ISOLATION LEVEL REPEATABLE READ" if "pg_class" in statement else "BEGIN")
    one.execute(statement.encode())
    use_transaction_ids(other, 100)
    held = number(database, "xmin_horizon_age")
    one.execute("ROLLBACK")

    assert held >= 100
    assert number(database, "xmin_horizon_age") < 50
