"""What a request has written is its own: no other task knows of it, and a token takes it to another process."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import closing

import pytest

from langpont_db import AsyncDatabase, Database, Event
from langpont_db.requests import NO_POSITION
from local.postgres.cluster import Cluster
from local.waiting import wait_until
from tests.integration.application import (
    COUNT,
    DEADLINE_SECONDS,
    INSERT,
    PLACE,
    count_notes,
    make_notes,
    reads_from_replica,
    replay_delayed,
    variables_of,
    wait_for_replica,
    write_note,
)


@pytest.fixture
def variables(cluster: Cluster) -> Mapping[str, str]:
    make_notes(cluster)
    return variables_of(cluster)


def test_request_of_one_task_knows_nothing_of_anothers(variables: Mapping[str, str]) -> None:
    async def write(database: AsyncDatabase, is_written: asyncio.Event) -> str | None:
        async with database.request() as request:
            async with database.get_write_session() as session:
                await session.execute(INSERT, {"author": "writer"})
            is_written.set()
        return request.token

    async def read(database: AsyncDatabase, is_written: asyncio.Event) -> str | None:
        async with database.request() as request:
            await is_written.wait()
            async with database.get_read_session() as session:
                await session.scalar(PLACE)
        return request.token

    async def use() -> list[str | None]:
        database, is_written = AsyncDatabase.from_env(variables), asyncio.Event()
        tokens = await asyncio.gather(write(database, is_written), read(database, is_written))
        await database.close()
        return list(tokens)

    writer, reader = asyncio.run(use())

    assert writer is not None
    assert reader is None


def test_token_carries_a_write_to_another_process(cluster: Cluster, variables: Mapping[str, str]) -> None:
    # Two databases of one key, as two processes have them; the second saw nothing of the write.
    with closing(Database.from_env(variables)) as database, closing(Database.from_env(variables)) as other:
        wait_for_replica(other)
        with replay_delayed(cluster, "3s"):
            with database.request() as request:
                write_note(database, "traveller")
            stranger = count_notes(other, "traveller")
            with other.request(request.token):
                traveller = count_notes(other, "traveller")

    assert (stranger, traveller) == (0, 1)


def test_user_whose_commit_was_unknown_gets_a_token_again_without_writing(
    variables: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Database.from_env(variables)) as database:
        wait_for_replica(database)
        with caplog.at_level(logging.INFO, "langpont_db"), database.request(NO_POSITION) as request:
            assert not reads_from_replica(database)
        wait_until("the primary to be seen", lambda: request.token != NO_POSITION, deadline_seconds=DEADLINE_SECONDS)
        with database.request(request.token):
            wait_for_replica(database)

    (record,) = (each for each in caplog.records if getattr(each, "event", "") == Event.TOKEN_REJECTED)
    assert (record.levelno, record.why) == (logging.INFO, "the outcome of a commit was unknown")  # type: ignore[attr-defined]


def test_token_that_anybody_made_up_is_counted_and_alarms_nobody(
    variables: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Database.from_env(variables)) as database:
        caplog.clear()
        with database.request("made-up"):
            assert not reads_from_replica(database)
        counts = database.events.counts

    assert counts[Event.TOKEN_REJECTED] == 1
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_token_carries_a_write_from_threads_to_asyncio(cluster: Cluster, variables: Mapping[str, str]) -> None:
    async def reads_from_replica(database: AsyncDatabase) -> bool:
        async with database.get_read_session() as session:
            return bool(await session.scalar(PLACE))

    async def count(database: AsyncDatabase, token: str | None) -> int:
        async with database.request(token), database.get_read_session() as session:
            return int((await session.execute(COUNT, {"author": "traveller"})).scalar_one())

    async def use(database: Database) -> tuple[int, int]:
        other = AsyncDatabase.from_env(variables)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await reads_from_replica(other):
                await asyncio.sleep(0.01)
        with replay_delayed(cluster, "3s"):
            with database.request() as request:
                await asyncio.to_thread(write_note, database, "traveller")
            seen = await count(other, None), await count(other, request.token)
        await other.close()
        return seen

    with closing(Database.from_env(variables)) as database:
        stranger, traveller = asyncio.run(use(database))

    assert (stranger, traveller) == (0, 1)
