"""What a session committed is never said to be undone, and never done again."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from langpont_db import AsyncDatabase, Database, Event, TransactionOutcomeUnknown
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from local.waiting import wait_until
from tests.integration import application_tasks
from tests.integration.application import (
    DEADLINE_SECONDS,
    INSERT,
    NOTES,
    commit_under_way,
    freeze,
    thaw,
    wait_for_replica,
    write_note,
)
from tests.integration.clusters import ask

# What is committed first is a matter of chance.
TIMES = 20
MY_PROCESS = text("SELECT pg_backend_pid()")


def end_process(cluster: Cluster, role: Role, pid: int | None) -> None:
    """End a session's process on a server, as an administrator or a shutdown does."""
    with cluster.members.node(role).connect() as superuser:
        assert ask(superuser, f"SELECT pg_terminate_backend({pid}, 5000)")


def notes_of(cluster: Cluster, author: str) -> object:
    """Return how many notes of an author are committed."""
    with cluster.connect_as_superuser("langpont") as superuser:
        return ask(superuser, f"SELECT count(*) FROM {NOTES} WHERE author = '{author}'")  # noqa: S608 (the test's own)


def test_write_is_committed_although_the_replica_read_before_is_gone(cluster: Cluster, database: Database) -> None:
    for _ in range(TIMES):
        wait_for_replica(database)
        with database.get_session() as session:
            pid = session.scalar(MY_PROCESS)
            session.execute(INSERT, {"author": "both"})
            end_process(cluster, Role.REPLICA, pid)

    assert notes_of(cluster, "both") == TIMES


def test_write_of_a_task_is_committed_although_the_replica_read_before_is_gone(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        for _ in range(TIMES):
            await application_tasks.wait_for_replica(database)
            async with database.get_session() as session:
                pid = await session.scalar(MY_PROCESS)
                await session.execute(INSERT, {"author": "both"})
                await asyncio.to_thread(end_process, cluster, Role.REPLICA, pid)

    application_tasks.run(cluster, use)

    assert notes_of(cluster, "both") == TIMES


def _commit_explicitly(session: Session) -> None:
    session.execute(INSERT, {"author": "part"})
    session.commit()


def _commit_in_a_block(session: Session) -> None:
    with session.begin():
        session.execute(INSERT, {"author": "part"})


def _commit_each_statement(session: Session) -> None:
    session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    session.execute(INSERT, {"author": "part"})
    session.rollback()


@pytest.mark.parametrize("write", [_commit_explicitly, _commit_in_a_block, _commit_each_statement])
def test_work_that_committed_a_part_is_not_done_again(
    cluster: Cluster, database: Database, write: Callable[[Session], None]
) -> None:
    def work(session: Session) -> None:
        write(session)
        end_process(cluster, Role.PRIMARY, session.scalar(MY_PROCESS))
        session.scalar(MY_PROCESS)

    with pytest.raises(TransactionOutcomeUnknown, match="a part of the work was committed, and what followed was not"):
        database.run_in_transaction(work, deadline_seconds=5)

    assert notes_of(cluster, "part") == 1
    assert Event.TRANSACTION_REPEATED not in database.events.counts


def test_work_of_a_task_that_committed_a_part_is_not_done_again(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(INSERT, {"author": "part"})
            await session.commit()
            pid = await session.scalar(MY_PROCESS)
            await asyncio.to_thread(end_process, cluster, Role.PRIMARY, pid)
            await session.scalar(MY_PROCESS)

        with pytest.raises(TransactionOutcomeUnknown, match="a part of the work was committed"):
            await database.run_in_transaction(work, deadline_seconds=5)

    application_tasks.run(cluster, use)

    assert notes_of(cluster, "part") == 1


def _commit_a_read(session: Session) -> None:
    session.scalar(MY_PROCESS)
    session.commit()
    session.execute(INSERT, {"author": "whole"})


def _release_a_savepoint(session: Session) -> None:
    with session.begin_nested():
        session.execute(INSERT, {"author": "whole"})


@pytest.mark.parametrize("write", [_commit_a_read, _release_a_savepoint])
def test_work_that_committed_nothing_yet_is_done_again(
    cluster: Cluster, database: Database, write: Callable[[Session], None]
) -> None:
    attempts: list[object] = []

    def work(session: Session) -> None:
        # A savepoint is no commit, whatever this connection committed last.
        attempts.append(session)
        write(session)
        if len(attempts) == 1:
            end_process(cluster, Role.PRIMARY, session.scalar(MY_PROCESS))
            session.scalar(MY_PROCESS)

    write_note(database, "before")
    database.run_in_transaction(work, deadline_seconds=5)

    assert len(attempts) == 2
    assert notes_of(cluster, "whole") == 1


def _commit_in_a_transaction_of_its_own(database: Database) -> None:
    database.run_in_transaction(lambda session: session.execute(INSERT, {"author": "part"}))


def _commit_in_another_session(database: Database) -> None:
    write_note(database, "part")


@pytest.mark.parametrize("write", [_commit_in_a_transaction_of_its_own, _commit_in_another_session])
def test_work_of_which_another_session_committed_a_part_is_not_done_again(
    cluster: Cluster, database: Database, write: Callable[[Database], None]
) -> None:
    def work(session: Session) -> None:
        pid = session.scalar(MY_PROCESS)
        write(database)
        end_process(cluster, Role.PRIMARY, pid)
        session.execute(INSERT, {"author": "rest"})

    with pytest.raises(TransactionOutcomeUnknown, match="a part of the work was committed"):
        database.run_in_transaction(work, deadline_seconds=5)

    assert (notes_of(cluster, "part"), notes_of(cluster, "rest")) == (1, 0)


@contextmanager
def _standby_frozen(cluster: Cluster) -> Iterator[None]:
    """Let every commit wait."""
    frozen = freeze(cluster.members.node(Role.STANDBY))
    try:
        yield
    finally:
        thaw(frozen)


def test_work_that_went_on_after_a_commit_in_doubt_is_not_done_again(cluster: Cluster, database: Database) -> None:
    def work(session: Session) -> None:
        session.execute(INSERT, {"author": "in doubt"})
        breaker = threading.Thread(target=_break_commit, args=(cluster, database))
        with _standby_frozen(cluster):
            breaker.start()
            with pytest.raises(TransactionOutcomeUnknown):
                session.commit()
            breaker.join()
        session.rollback()
        end_process(cluster, Role.PRIMARY, session.scalar(MY_PROCESS))
        session.scalar(MY_PROCESS)

    with pytest.raises(TransactionOutcomeUnknown, match="a part of the work may have been committed"):
        database.run_in_transaction(work, deadline_seconds=10)


def _break_commit(cluster: Cluster, database: Database) -> None:
    wait_until("the commit to wait", lambda: commit_under_way(cluster), deadline_seconds=DEADLINE_SECONDS)
    database._core.nodes["primary"].sockets.break_older_than(time.monotonic())


def _deadlock_of_the_driver(session: Session) -> None:
    # As from COPY, which is the driver's alone.
    cursor = session.connection().connection.cursor()
    cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")


def test_deadlock_that_only_the_driver_saw_is_done_again(cluster: Cluster, database: Database) -> None:
    attempts: list[object] = []

    def work(session: Session) -> None:
        attempts.append(session)
        session.execute(INSERT, {"author": "copied"})
        if len(attempts) == 1:
            _deadlock_of_the_driver(session)

    database.run_in_transaction(work)

    assert (len(attempts), notes_of(cluster, "copied")) == (2, 1)


def test_deadlock_that_only_the_driver_saw_repeats_nothing_that_is_committed(
    cluster: Cluster, database: Database
) -> None:
    attempts: list[object] = []

    def work(session: Session) -> None:
        attempts.append(session)
        if len(attempts) > 1:
            _commit_explicitly(session)
        _deadlock_of_the_driver(session)

    with pytest.raises(TransactionOutcomeUnknown, match="a part of the work was committed"):
        database.run_in_transaction(work)

    assert (len(attempts), notes_of(cluster, "part")) == (2, 1)
