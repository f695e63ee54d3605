"""Many users at once while a replica comes and goes: each reads their own writes, and nothing leaks."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice

import pytest

from langpont_db import AsyncDatabase, Database
from langpont_db.core import Core
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from rds_operations.domain.database_roles import READONLY_ROLE
from tests.integration.application import (
    COUNT,
    INSERT,
    PLACE,
    count_notes,
    make_notes,
    url_of,
    variables_of,
    write_note,
)

USERS = 24
REQUESTS = 10


@pytest.fixture
def variables(cluster: Cluster) -> Mapping[str, str]:
    """The cluster with the standby as the replica for analytics, and with fewer connections than users."""
    make_notes(cluster)
    small = {
        f"DATABASE_{role}_{name}": size
        for role in ("PRIMARY", "REPLICA")
        for name, size in (("POOL_SIZE", "4"), ("MAX_OVERFLOW", "4"))
    }
    analytics = url_of(cluster.members.endpoint(Role.STANDBY), READONLY_ROLE)
    return {**variables_of(cluster), **small, "DATABASE_ANALYTICS_REPLICA_URLS": analytics}


@contextmanager
def _replica_comes_and_goes(cluster: Cluster) -> Iterator[None]:
    """Kill and start the replica again and again, for as long as the `with` lasts."""
    replica, stop = cluster.members.node(Role.REPLICA), threading.Event()

    def disturb() -> None:
        while not stop.wait(0.2):
            replica.kill()
            replica.start()

    with ThreadPoolExecutor(1) as executor:
        disturbing = executor.submit(disturb)
        try:
            yield
        finally:
            stop.set()
            disturbing.result()


def _assert_nothing_is_left(core: Core) -> None:
    # The scope of a request is in force in it alone.
    assert not core.reader.request is not None
    assert {name: node.engine.pool.checkedout() for name, node in core.nodes.items()} == {  # type: ignore[attr-defined]
        "primary": 0,
        "replica-1": 0,
        "analytics-1": 0,
    }


def _be_a_user(database: Database, user: str) -> list[int]:
    """Return, for each request, how many own notes were read after the one that it wrote."""
    token, seen = None, []
    for place in islice(cycle(["read", "routing", "transaction"]), REQUESTS):
        with database.request(token) as request:
            if place == "transaction":
                database.run_in_transaction(lambda session: session.execute(INSERT, {"author": user}))
            else:
                write_note(database, user)
            if place == "routing":
                with database.get_session() as session:
                    seen.append(int(session.execute(COUNT, {"author": user}).scalar_one()))
            else:
                seen.append(count_notes(database, user))
            with database.get_read_session(purpose="analytics") as report:
                report.scalar(PLACE)
        token = request.token
        # In the thread that goes on to serve somebody else.
        assert not database._core.reader.request is not None
    return seen


async def _be_a_task(database: AsyncDatabase, user: str) -> list[int]:
    token, seen = None, []
    for place in islice(cycle(["read", "routing", "transaction"]), REQUESTS):
        async with database.request(token) as request:
            async with database.get_write_session() as session:
                await session.execute(INSERT, {"author": user})
            if place == "routing":
                async with database.get_session() as routing:
                    seen.append(int((await routing.execute(COUNT, {"author": user})).scalar_one()))
            else:
                async with database.get_read_session() as reading:
                    seen.append(int((await reading.execute(COUNT, {"author": user})).scalar_one()))
            async with database.get_read_session(purpose="analytics") as report:
                await report.scalar(PLACE)
        token = request.token
    return seen


def test_threads_read_their_own_writes_and_leave_nothing_behind(cluster: Cluster, variables: Mapping[str, str]) -> None:
    database = Database.from_env(variables)

    with ThreadPoolExecutor(USERS) as executor, _replica_comes_and_goes(cluster):
        seen = list(executor.map(lambda number: _be_a_user(database, f"user {number}"), range(USERS)))

    _assert_nothing_is_left(database._core)
    database.close()
    assert seen == [list(range(1, REQUESTS + 1))] * USERS


def test_tasks_read_their_own_writes_and_leave_nothing_behind(cluster: Cluster, variables: Mapping[str, str]) -> None:
    async def use() -> list[list[int]]:
        database = AsyncDatabase.from_env(variables)
        with _replica_comes_and_goes(cluster):
            seen = await asyncio.gather(*(_be_a_task(database, f"user {number}") for number in range(USERS)))
        _assert_nothing_is_left(database._core)
        await database.close()
        return list(seen)

    assert asyncio.run(use()) == [list(range(1, REQUESTS + 1))] * USERS
