"""An application's load through langpont_db, from threads or from tasks of asyncio, and what became of all of it."""

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from langpont_db import AsyncDatabase, Database, TransactionOutcomeUnknown
from langpont_db.events import Events
from local.postgres.cluster import Cluster
from local.waiting import wait_until
from tests.integration.application import INSERT, NOTES, PLACE
from tests.integration.clusters import connect

AT_ONCE = 4
DEADLINE_SECONDS = 40.0
# Enough for several statements in flight at any moment, without the whole of a small machine.
PAUSE_SECONDS = 0.002


@dataclass(slots=True)
class Reads:
    """Single statements, each in a session of its own.

    Args:
        places: For each that was answered, in turn, whether a replica did.
        failures: How the others ended.
    """

    places: list[bool] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self, database: Database) -> None:
        """Read once."""
        try:
            with database.get_read_session() as session:
                self.places.append(bool(session.scalar(PLACE)))
        except Exception as error:  # noqa: BLE001 (whatever it is, the test names it)
            self.failures.append(repr(error))

    async def run_async(self, database: AsyncDatabase) -> None:
        """Read once, in asyncio."""
        try:
            async with database.get_read_session() as session:
                self.places.append(bool(await session.scalar(PLACE)))
        except Exception as error:  # noqa: BLE001 (whatever it is, the test names it)
            self.failures.append(repr(error))

    def wait_for_further(self, reads: int, *, from_replica: bool) -> None:
        """Wait until so many more reads were answered by a replica, or by the primary."""
        before = self.places.count(from_replica)
        wait_until(
            f"{reads} further reads from {'a replica' if from_replica else 'the primary'} ({self.failures})",
            lambda: self.places.count(from_replica) >= before + reads,
            deadline_seconds=DEADLINE_SECONDS,
        )


@dataclass(slots=True)
class Writes:
    """Inserts with a key each, by `run_in_transaction`; nothing in the table would stop a second application.

    Args:
        acknowledged: Keys of those that returned.
        unknown: Keys of those whose outcome was said to be unknown.
        failures: How the others ended.
    """

    acknowledged: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def run(self, database: Database) -> None:
        """Write once."""
        key = f"key {next(self._numbers)}"

        def insert(session: Session) -> None:
            session.execute(INSERT, {"author": key})

        try:
            database.run_in_transaction(insert)
            self.acknowledged.append(key)
        except TransactionOutcomeUnknown:
            self.unknown.append(key)
        except Exception as error:  # noqa: BLE001 (whatever it is, the test names it)
            self.failures.append(repr(error))

    async def run_async(self, database: AsyncDatabase) -> None:
        """Write once, in asyncio."""
        key = f"key {next(self._numbers)}"

        async def insert(session: AsyncSession) -> None:
            await session.execute(INSERT, {"author": key})

        try:
            await database.run_in_transaction(insert)
            self.acknowledged.append(key)
        except TransactionOutcomeUnknown:
            self.unknown.append(key)
        except Exception as error:  # noqa: BLE001 (whatever it is, the test names it)
            self.failures.append(repr(error))

    def wait_for_further(self, writes: int) -> None:
        """Wait until so many more writes were acknowledged."""
        before = len(self.acknowledged)
        wait_until(
            f"{writes} further acknowledged writes ({self.failures})",
            lambda: len(self.acknowledged) >= before + writes,
            deadline_seconds=DEADLINE_SECONDS,
        )

    def applications(self, cluster: Cluster) -> Mapping[str, int]:
        """Return how often each key is in the table."""
        with connect(cluster) as admin:
            query = f"SELECT author, count(*) FROM {NOTES} GROUP BY author"  # noqa: S608 (constant)
            rows = admin.execute(query.encode()).fetchall()
        return Counter({str(author): int(str(count)) for author, count in rows})


type Work = Reads | Writes
type Start = Callable[[Mapping[str, str], Work], AbstractContextManager[Events]]


@contextmanager
def in_threads(variables: Mapping[str, str], work: Work) -> Iterator[Events]:
    """Do the work from several threads for as long as the `with` lasts, and yield what happens meanwhile."""
    stop = threading.Event()

    def repeat(database: Database) -> None:
        while not stop.wait(PAUSE_SECONDS):
            work.run(database)

    with closing(Database.from_env(variables)) as database:
        threads = [threading.Thread(target=repeat, args=(database,), daemon=True) for _ in range(AT_ONCE)]
        with _running(threads, stop):
            yield database.events


@contextmanager
def in_tasks(variables: Mapping[str, str], work: Work) -> Iterator[Events]:
    """Do the same from several tasks of one loop."""
    stop = threading.Event()
    database = AsyncDatabase.from_env(variables)

    async def repeat() -> None:
        while not stop.is_set():
            await work.run_async(database)
            await asyncio.sleep(PAUSE_SECONDS)

    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(repeat())
        await database.close()

    with _running([threading.Thread(target=asyncio.run, args=(run(),), daemon=True)], stop):
        yield database.events


@contextmanager
def _running(threads: list[threading.Thread], stop: threading.Event) -> Iterator[None]:
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(DEADLINE_SECONDS)
            assert not thread.is_alive(), "a thread of the load hangs"
