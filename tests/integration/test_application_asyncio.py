"""AsyncDatabase keeps the same promises in asyncio."""

import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from langpont_db import AsyncDatabase, ConnectionLostError, Event, PoolExhaustedError, TransactionOutcomeUnknown
from local.drill.losses import hold_back_standby
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from tests.integration.application import (
    COUNT,
    DEADLINE_SECONDS,
    INSERT,
    PLACE,
    commit_under_way,
    freeze,
    replay_delayed,
    replay_paused,
    thaw,
)
from tests.integration.application_tasks import reads_from_replica, run, wait_for


async def _write(database: AsyncDatabase, author: str) -> None:
    async with database.get_write_session() as session:
        await session.execute(INSERT, {"author": author})


async def _count(database: AsyncDatabase, author: str) -> int:
    async with database.get_read_session() as session:
        return int((await session.execute(COUNT, {"author": author})).scalar_one())


async def _own_writes_seen(database: AsyncDatabase, author: str, times: int) -> int:
    seen = 0
    for number in range(times):
        async with database.request():
            await _write(database, f"{author} {number}")
            seen += await _count(database, f"{author} {number}")
    return seen


def test_tasks_read_their_own_writes_while_replay_is_paused(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        with replay_paused(cluster):
            seen = await asyncio.gather(*(_own_writes_seen(database, f"task {task}", 20) for task in range(10)))
        assert sum(seen) == 200

    run(cluster, use)


def test_tasks_read_their_own_writes_while_the_replica_is_behind(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        with replay_delayed(cluster, "2s"):
            seen = await asyncio.gather(*(_own_writes_seen(database, f"task {task}", 20) for task in range(10)))
            assert await reads_from_replica(database)
        assert sum(seen) == 200

    run(cluster, use)


def test_waiting_for_the_replica_blocks_no_other_task(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        async def patient() -> bool:
            async with database.request():
                await _write(database, "patient")
                return await reads_from_replica(database)

        with replay_delayed(cluster, "1s"):
            waiting = asyncio.create_task(patient())
            turns = 0
            while not waiting.done():
                await asyncio.sleep(0.01)
                turns += 1
        assert waiting.result() is True
        assert turns > 10

    run(cluster, use, DATABASE_REPLICA_WAIT_SECONDS="15")


def test_routing_session_sends_statements_where_they_belong(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        async with database.get_session() as session:
            assert await session.scalar(PLACE) is True
            await session.execute(INSERT, {"author": "routed"})
            assert await session.scalar(PLACE) is False
        assert await _own_writes_seen(database, "more", 1) == 1

    run(cluster, use)


def test_lock_deep_in_a_statement_of_a_task_is_taken_on_the_primary(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        async with database.get_session() as session:
            in_recovery = select(func.pg_is_in_recovery())
            assert await session.scalar(in_recovery) is True
            assert await session.scalar(in_recovery.where(func.pg_try_advisory_xact_lock(1))) is False
            streamed = await session.stream(in_recovery.where(func.pg_try_advisory_xact_lock(1)))
            assert await streamed.scalar_one() is False

    run(cluster, use)


def test_transaction_that_met_a_failover_is_done_again_and_applied_once(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        attempts = []

        async def work(session: AsyncSession) -> None:
            attempts.append((await session.execute(INSERT, {"author": "persistent"})).scalar_one())
            if len(attempts) == 1:
                await asyncio.to_thread(cluster.fail_over)

        async with database.request():
            await database.run_in_transaction(work)
            assert await _count(database, "persistent") == 1
        assert len(attempts) >= 2

    run(cluster, use)


def test_commit_that_met_a_failover_is_said_to_be_unknown(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        hold_back_standby(cluster)
        write = asyncio.create_task(_write(database, "waiting"))
        await wait_for(lambda: asyncio.to_thread(commit_under_way, cluster))
        await asyncio.to_thread(cluster.fail_over)

        with pytest.raises(TransactionOutcomeUnknown):
            await write

    run(cluster, use)


def test_frozen_replica_costs_no_read_and_is_used_again(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        await _write(database, "reader")
        await asyncio.gather(*(_count(database, "reader") for _ in range(5)))
        frozen = freeze(cluster.members.node(Role.REPLICA))
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                seen = await asyncio.gather(*(_count(database, "reader") for _ in range(5)))
        finally:
            thaw(frozen)
        assert seen == [1] * 5
        await wait_for(lambda: reads_from_replica(database))

    run(cluster, use)


def test_frozen_primary_lets_go_of_a_task(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        session = database.get_write_session()
        await session.execute(text("SELECT 1"))
        frozen = freeze(cluster.members.node(Role.PRIMARY))
        try:
            with pytest.raises(ConnectionLostError):
                await asyncio.wait_for(session.execute(INSERT, {"author": "stuck"}), DEADLINE_SECONDS)
        finally:
            thaw(frozen)
        await session.close()
        assert database.events.counts[Event.SERVER_SILENT] >= 1

    run(cluster, use)


def test_exhausted_pool_is_an_event_and_an_error(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        async with database.get_write_session() as session:
            await session.execute(text("SELECT 1"))
            with pytest.raises(PoolExhaustedError):
                await _write(database, "second")
        assert database.events.counts[Event.POOL_EXHAUSTED] == 1

    pool = {
        "DATABASE_PRIMARY_POOL_SIZE": "1",
        "DATABASE_PRIMARY_MAX_OVERFLOW": "0",
        "DATABASE_POOL_TIMEOUT_SECONDS": "0.1",
    }
    run(cluster, use, **pool)


def test_request_of_a_cancelled_commit_looks_on_the_primary(cluster: Cluster) -> None:
    async def use(database: AsyncDatabase) -> None:
        hold_back_standby(cluster)
        async with database.request() as request:
            write = asyncio.create_task(_write(database, "cancelled"))
            await wait_for(lambda: asyncio.to_thread(commit_under_way, cluster))
            write.cancel()
            with pytest.raises(asyncio.CancelledError):
                await write
            assert not request.is_verified
            assert not await reads_from_replica(database)
        await asyncio.to_thread(cluster.fail_over)

    run(cluster, use)
