"""What a commit or a rollback says is what became of the transaction, and the next one finds a clean connection."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from langpont_db import AsyncDatabase, ConnectionLostError, Database, TransactionOutcomeUnknown
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from local.waiting import wait_until
from tests.integration import application_tasks
from tests.integration.application import (
    DEADLINE_SECONDS,
    INSERT,
    PLACE,
    commit_under_way,
    count_notes,
    database_of,
    freeze,
    replay_delayed,
    thaw,
)
from tests.integration.clusters import ask
from tests.integration.test_application_applied_once import MY_PROCESS, notes_of

ONE, WRONG = text("SELECT 1"), text("SELECT 1 / 0")
TIMES = 5


def _wait_for_end(cluster: Cluster, role: Role, pid: int | None) -> None:
    with cluster.members.node(role).connect() as superuser:
        wait_until(
            "the server to end an idle transaction",
            lambda: not ask(superuser, f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}"),  # noqa: S608
            deadline_seconds=DEADLINE_SECONDS,
        )


@pytest.fixture
def impatient(cluster: Cluster) -> Iterator[Database]:
    with database_of(cluster, DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_SECONDS="1") as database:
        yield database


def test_commit_is_no_failure_although_the_replica_ended_its_idle_transaction(
    cluster: Cluster, impatient: Database
) -> None:
    with impatient.get_session() as session:
        pid = session.scalar(MY_PROCESS)
        session.execute(INSERT, {"author": "batch"})
        with cluster.members.node(Role.REPLICA).connect() as superuser:
            while ask(superuser, f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}"):  # noqa: S608
                session.execute(PLACE)

    assert notes_of(cluster, "batch") == 1


def test_read_session_is_left_although_its_idle_transaction_was_ended(cluster: Cluster, impatient: Database) -> None:
    with impatient.get_read_session() as session:
        _wait_for_end(cluster, Role.REPLICA, session.scalar(MY_PROCESS))


def _fail_in_a_transaction_that_is_ended(cluster: Cluster, database: Database) -> None:
    with database.get_write_session() as session:
        _wait_for_end(cluster, Role.PRIMARY, session.scalar(MY_PROCESS))
        raise LookupError


def test_error_is_not_hidden_by_the_end_of_an_idle_transaction(cluster: Cluster, impatient: Database) -> None:
    with pytest.raises(LookupError):
        _fail_in_a_transaction_that_is_ended(cluster, impatient)

    with pytest.raises(ConnectionLostError), impatient.get_write_session() as session:
        _wait_for_end(cluster, Role.PRIMARY, session.scalar(MY_PROCESS))


def test_failed_commit_leaves_nothing_to_whom_the_connection_is_given_next(database: Database) -> None:
    with pytest.raises(DBAPIError), database.get_write_session() as session, suppress(DBAPIError):
        session.execute(WRONG)

    with database.get_write_session() as session:
        assert session.scalar(ONE) == 1


def test_failed_commit_of_a_task_leaves_nothing_to_the_next_one(cluster: Cluster) -> None:
    async def work(session: AsyncSession) -> None:
        with suppress(DBAPIError):
            await session.execute(WRONG)

    async def use(database: AsyncDatabase) -> None:
        with pytest.raises(DBAPIError):
            await database.run_in_transaction(work)
        async with database.get_write_session() as session:
            assert await session.scalar(ONE) == 1

    application_tasks.run(cluster, use)


@contextmanager
def _slow_commits(cluster: Cluster) -> Iterator[None]:
    with cluster.connect_as_superuser() as superuser:
        for setting in ("commit_delay = 100000", "commit_siblings = 0"):
            superuser.execute(f"ALTER SYSTEM SET {setting}".encode())
        superuser.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            for name in ("commit_delay", "commit_siblings"):
                superuser.execute(f"ALTER SYSTEM RESET {name}".encode())
            superuser.execute("SELECT pg_reload_conf()")


def _cancel_commit(cluster: Cluster, pid: int | None) -> None:
    is_committing = f"SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = {pid} AND query LIKE '%COMMIT%'"  # noqa: S608
    with cluster.connect_as_superuser() as superuser:
        wait_until("a commit", lambda: ask(superuser, is_committing), deadline_seconds=DEADLINE_SECONDS)
        superuser.execute("SELECT pg_cancel_backend(%s)", [pid])


def _write_with_a_commit_that_is_cancelled(cluster: Cluster, database: Database, author: str) -> None:
    with database.get_write_session() as session:
        session.execute(text("SET LOCAL synchronous_commit = local"))
        session.execute(INSERT, {"author": author})
        canceller = threading.Thread(target=_cancel_commit, args=(cluster, session.scalar(MY_PROCESS)))
        canceller.start()
        try:
            session.commit()
        finally:
            canceller.join()


def test_commit_that_was_cancelled_is_never_said_to_have_failed_where_it_was_done(
    cluster: Cluster, database: Database
) -> None:
    with _slow_commits(cluster):
        for number in range(TIMES):
            with database.request() as request, suppress(TransactionOutcomeUnknown):
                _write_with_a_commit_that_is_cancelled(cluster, database, f"cancelled {number}")
            assert notes_of(cluster, f"cancelled {number}") == 1
            assert request.required is not None or not request.is_verified


def _fail_after_a_statement_that_commits(database: Database) -> None:
    with database.get_write_session() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        session.execute(INSERT, {"author": "alone"})
        raise LookupError


def test_statement_that_committed_by_itself_is_seen_by_its_user_whatever_followed(
    cluster: Cluster, database: Database
) -> None:
    with replay_delayed(cluster, "2s"), database.request():
        with pytest.raises(LookupError):
            _fail_after_a_statement_that_commits(database)

        assert count_notes(database, "alone") == 1


def test_statement_that_committed_by_itself_without_its_standby_is_unknown(
    cluster: Cluster, database: Database
) -> None:
    canceller = threading.Thread(target=_cancel_wait, args=(cluster,))
    session = database.get_write_session()
    session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    frozen = freeze(cluster.members.node(Role.STANDBY))
    try:
        canceller.start()
        session.execute(INSERT, {"author": "without standby"})
        canceller.join()
        with pytest.raises(TransactionOutcomeUnknown):
            session.commit()
    finally:
        thaw(frozen)
        session.close()


def _cancel_wait(cluster: Cluster) -> None:
    wait_until("the commit to wait", lambda: commit_under_way(cluster), deadline_seconds=DEADLINE_SECONDS)
    with cluster.connect_as_superuser() as superuser:
        superuser.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")


def test_connection_that_was_detached_from_its_pool_commits(cluster: Cluster, database: Database) -> None:
    with database.get_write_session() as session:
        connection = session.connection()
        connection.detach()
        session.execute(INSERT, {"author": "detached"})

    assert notes_of(cluster, "detached") == 1
