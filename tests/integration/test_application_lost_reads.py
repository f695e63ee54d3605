"""A read whose replica is lost is repeated elsewhere, and takes nothing of the session with it."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, text

from langpont_db import AsyncDatabase, ConnectionLostError, Database, Event
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from local.waiting import wait_until
from tests.integration import application_tasks
from tests.integration.application import DEADLINE_SECONDS, PLACE, wait_for_replica, write_note
from tests.integration.clusters import ask, connect
from tests.integration.test_application_routing import Note

AUTHORS = select(Note.author).order_by(Note.author)
# On a replica the server ends its own process before it answers.
LOST_ON_REPLICA = text(
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_terminate_backend(pg_backend_pid()) ELSE false END"
)

HELD_ON_REPLICA = text(
    "SELECT (SELECT count(*) FROM public.application_notes),"
    " CASE WHEN pg_is_in_recovery() THEN pg_sleep(10)::text ELSE 'primary' END"
)


def truncate_while_it_is_read(cluster: Cluster) -> None:
    """Empty the table whose read is under way on the replica, which then is in the way of replay."""
    with cluster.members.node(Role.REPLICA).connect() as replica, connect(cluster) as admin:
        wait_until(
            "the read to be under way",
            lambda: ask(replica, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
            deadline_seconds=DEADLINE_SECONDS,
        )
        admin.execute("TRUNCATE public.application_notes")


@contextmanager
def impatient_replica(cluster: Cluster) -> Iterator[None]:
    """Let the replica wait for no read that is in the way of replay."""
    with cluster.members.node(Role.REPLICA).connect() as replica:
        replica.execute("ALTER SYSTEM SET max_standby_streaming_delay = '50ms'")
        replica.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            replica.execute("ALTER SYSTEM RESET max_standby_streaming_delay")
            replica.execute("SELECT pg_reload_conf()")


def test_read_that_is_in_the_way_of_replay_is_repeated_elsewhere(cluster: Cluster, database: Database) -> None:
    with impatient_replica(cluster), ThreadPoolExecutor(1) as aside, database.get_read_session() as session:
        aside.submit(truncate_while_it_is_read, cluster)
        assert session.execute(HELD_ON_REPLICA).one() == (0, "primary")

    assert database.events.counts[Event.READ_REPEATED] == 1


def test_read_of_a_task_that_is_in_the_way_of_replay_is_repeated_elsewhere(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        with impatient_replica(cluster):
            async with asyncio.TaskGroup() as aside, database.get_session() as session:
                aside.create_task(asyncio.to_thread(truncate_while_it_is_read, cluster))
                assert (await session.execute(HELD_ON_REPLICA)).one() == (0, "primary")
        assert database.events.counts[Event.READ_REPEATED] == 1

    application_tasks.run(cluster, use)


def test_pending_object_is_written_although_the_first_read_lost_its_replica(database: Database) -> None:
    with database.get_session(autoflush=False) as session:
        session.add(Note(author="pending"))
        assert session.scalar(LOST_ON_REPLICA) is False

    with database.get_write_session() as session:
        assert session.scalars(AUTHORS).all() == ["pending"]
    assert database.events.counts[Event.READ_REPEATED] == 1


def test_changed_object_is_written_although_the_first_read_lost_its_replica(
    cluster: Cluster, database: Database
) -> None:
    write_note(database, "before")
    cluster.ensure_replica_follows()
    wait_for_replica(database)
    with database.get_session(autoflush=False, expire_on_commit=False) as session:
        note = session.scalars(select(Note)).one()
        session.commit()
        note.author = "after"
        assert session.scalar(LOST_ON_REPLICA) is False
        assert note.author == "after"

    with database.get_write_session() as session:
        assert session.scalars(AUTHORS).all() == ["after"]


def test_pending_object_of_a_task_is_written_although_its_read_lost_its_replica(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        async with database.get_session(autoflush=False) as session:
            session.add(Note(author="pending"))
            assert await session.scalar(LOST_ON_REPLICA) is False
        async with database.get_write_session() as session:
            assert (await session.scalars(AUTHORS)).all() == ["pending"]
        assert database.events.counts[Event.READ_REPEATED] == 1

    application_tasks.run(cluster, use)


@pytest.mark.parametrize("begin", ["begin", "begin_nested"])
def test_read_in_a_block_of_its_own_says_that_its_replica_was_lost(database: Database, begin: str) -> None:
    with database.get_read_session() as session:
        with pytest.raises(ConnectionLostError), getattr(session, begin)():
            session.scalar(LOST_ON_REPLICA)
        session.rollback()

        assert session.scalar(PLACE) is not None


def test_read_of_a_task_in_a_block_of_its_own_says_that_its_replica_was_lost(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        async with database.get_session() as session:
            with pytest.raises(ConnectionLostError):
                async with session.begin():
                    await session.scalar(LOST_ON_REPLICA)
            assert await session.scalar(PLACE) is not None

    application_tasks.run(cluster, use)


def test_what_is_in_a_savepoint_of_a_routing_session_is_on_the_primary(database: Database) -> None:
    with database.get_session() as session:
        assert session.scalar(PLACE) is True
        with session.begin_nested():
            assert session.scalar(select(func.pg_is_in_recovery())) is False
            session.add(Note(author="nested"))

    with database.get_write_session() as session:
        assert session.scalars(AUTHORS).all() == ["nested"]


def test_what_a_connection_was_set_to_is_not_lost_without_a_word(database: Database) -> None:
    with database.get_read_session() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

        with pytest.raises(ConnectionLostError):
            session.scalar(LOST_ON_REPLICA)
