"""Changes against a real PostgreSQL: all or nothing, bounded in time, and told apart when the connection is lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg import sql

from local.waiting import wait_until
from rds_postgres.changes import run_changes, scram_verifier
from rds_postgres.connections import Connection
from rds_postgres.deadlines import ended_after
from rds_postgres.errors import QueryFailedError, UnreachableError
from rds_postgres.queries import run_read_only
from tests.integration.clusters import ask
from tests.integration.conftest import PostgresServer

SECOND, MOMENT = timedelta(seconds=1), timedelta(milliseconds=100)


@pytest.fixture
def master(postgres_server: PostgresServer) -> Iterator[Connection]:
    with postgres_server.as_master().connection() as connection:
        connection.read_only = False
        yield connection


def statement(text: str) -> sql.Composed:
    return sql.Composed([sql.SQL(text)])


def test_refused_statement_undoes_those_before_it(master: Connection) -> None:
    changes = [statement("CREATE TABLE public.half_done (id int)"), statement("SELECT 1 / 0")]

    with pytest.raises(QueryFailedError, match=r"^division by zero \(22012\)$"):
        run_changes(master, changes, timeout=SECOND, lock_timeout=SECOND)

    assert ask(master, "SELECT to_regclass('public.half_done')") is None


def test_statement_ends_at_its_timeout_and_the_connection_goes_on(master: Connection) -> None:
    with pytest.raises(QueryFailedError, match="statement timeout"):
        run_changes(master, [statement("SELECT pg_sleep(60)")], timeout=MOMENT, lock_timeout=SECOND)

    run_changes(master, [statement("SELECT 1")], timeout=SECOND, lock_timeout=SECOND)


def test_lock_is_not_waited_for_any_longer_than_said(master: Connection, postgres_server: PostgresServer) -> None:
    with postgres_server.connect_as_superuser() as other, other.transaction():
        other.execute("LOCK TABLE translations.translation_history")

        with pytest.raises(QueryFailedError, match="lock timeout"):
            run_changes(
                master, [statement("LOCK TABLE translations.translation_history")], timeout=SECOND, lock_timeout=MOMENT
            )


def test_lost_connection_is_told_apart(master: Connection) -> None:
    with pytest.raises(UnreachableError, match=r"^the connection was lost: terminating connection"):
        run_changes(
            master, [statement("SELECT pg_terminate_backend(pg_backend_pid())")], timeout=SECOND, lock_timeout=SECOND
        )


def test_conversation_ends_at_its_deadline_and_holds_no_place(
    master: Connection, postgres_server: PostgresServer
) -> None:
    process = ask(master, "SELECT pg_backend_pid()")

    with pytest.raises(UnreachableError, match=r"^no answer within 0\.1 s$"), ended_after(master, MOMENT):
        run_read_only(master, "SELECT pg_sleep(60)", timeout=timedelta(seconds=60), lock_timeout=SECOND)

    with postgres_server.connect_as_superuser() as superuser:

        def is_gone() -> bool:
            found = superuser.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [process])
            return found.fetchone() is None

        wait_until("the server process to end", is_gone, deadline_seconds=10)


def test_conversation_within_its_deadline_is_not_disturbed(master: Connection) -> None:
    with ended_after(master, timedelta(seconds=30)):
        run_read_only(master, "SELECT 1", timeout=SECOND, lock_timeout=SECOND)

    assert ask(master, "SELECT 1") == 1


def test_loss_before_the_deadline_keeps_its_own_words(master: Connection) -> None:
    with (
        pytest.raises(UnreachableError, match=r"^the connection was lost: terminating connection"),
        ended_after(master, timedelta(seconds=30)),
    ):
        run_read_only(master, "SELECT pg_terminate_backend(pg_backend_pid())", timeout=SECOND, lock_timeout=SECOND)


def test_verifier_holds_no_password_and_is_another_each_time(master: Connection) -> None:
    first, second = (scram_verifier(master, "langpont_app", "pass-word") for _ in range(2))

    assert first.startswith("SCRAM-SHA-256$4096:")
    assert "pass-word" not in first
    assert first != second


def test_parameters_of_a_query_are_values(master: Connection) -> None:
    rows = run_read_only(
        master,
        "SELECT %(word)s::text AS word, 7 %% 4 AS rest",
        timeout=SECOND,
        lock_timeout=SECOND,
        parameters={"word": "x'; DROP TABLE users; --"},
    )

    assert rows == [{"word": "x'; DROP TABLE users; --", "rest": 3}]
