"""What the tests of langpont_db share in asyncio."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from langpont_db import AsyncDatabase
from local.postgres.cluster import Cluster
from tests.integration.application import DEADLINE_SECONDS, PLACE, make_notes, variables_of


@asynccontextmanager
async def database_of(cluster: Cluster, **more: str) -> AsyncIterator[AsyncDatabase]:
    """Yield the cluster as an application has it, with reads that go to the replica."""
    database = AsyncDatabase.from_env(variables_of(cluster, **more))
    try:
        await wait_for_replica(database)
        yield database
    finally:
        await database.close()


def run(cluster: Cluster, use: Callable[[AsyncDatabase], Awaitable[None]], **more: str) -> None:
    """Run what uses a database in an event loop of its own."""

    async def main() -> None:
        async with database_of(cluster, **more) as database:
            await use(database)

    make_notes(cluster)
    asyncio.run(main())


async def wait_for(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.01)


async def reads_from_replica(database: AsyncDatabase) -> bool:
    """Tell whether a read goes to the replica now."""
    async with database.get_read_session() as session:
        return bool(await session.scalar(PLACE))


async def wait_for_replica(database: AsyncDatabase) -> None:
    """Wait until reads go to the replica again."""
    await wait_for(lambda: reads_from_replica(database))
