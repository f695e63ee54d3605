"""A read whose replica is lost is repeated elsewhere, and takes nothing of the session with it."""

import pytest
from sqlalchemy import func, select, text

from langpont_db import AsyncDatabase, ConnectionLostError, Database, Event
from local.postgres.cluster import Cluster
from tests.integration import application_tasks
from tests.integration.application import PLACE, wait_for_replica, write_note
from tests.integration.test_application_routing import Note

AUTHORS = select(Note.author).order_by(Note.author)
# On a replica the server ends its own process before it answers.
LOST_ON_REPLICA = text(
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_terminate_backend(pg_backend_pid()) ELSE false END"
)


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
