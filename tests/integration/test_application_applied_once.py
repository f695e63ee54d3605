"""What a session committed is never said to be undone, and never done again."""

import asyncio

from sqlalchemy import text

from langpont_db import AsyncDatabase, Database
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from tests.integration import application_tasks
from tests.integration.application import INSERT, NOTES, wait_for_replica
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
