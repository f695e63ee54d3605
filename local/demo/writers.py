"""Writers that never pause: they count what the database acknowledged, and what of it is there afterwards."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psycopg

from local.errors import LocalError
from local.postgres.access import Connection
from local.waiting import wait_until

TABLE = "public.acknowledged_writes"
RECONNECT_PAUSE_SECONDS = 0.02
DEADLINE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WriteCount:
    """What the writers saw.

    Args:
        acknowledged: Commits that the database acknowledged.
        lost: Acknowledged commits that are not there.
        outage_seconds: The longest time without an acknowledgement, over all writers together.
    """

    acknowledged: int
    lost: int
    outage_seconds: float


@dataclass(slots=True)
class _Writer:
    number: int
    acknowledged: list[tuple[int, float]] = field(default_factory=list)


class SteadyWriters:
    """Writes from several threads for as long as the `with` lasts.

    Args:
        connect: Opens a connection to the writer endpoint, in autocommit.
        threads: How many write at a time.
    """

    def __init__(self, connect: Callable[[], Connection], threads: int = 4) -> None:
        self._connect = connect
        self._writers = [_Writer(number) for number in range(threads)]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(w,), daemon=True) for w in self._writers]

    def __enter__(self) -> Self:
        """Create the table and begin."""
        with self._connect() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
            connection.execute(f"CREATE TABLE {TABLE} (writer int, sequence bigint, PRIMARY KEY (writer, sequence))")
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def acknowledged(self) -> int:
        """Return how many writes were acknowledged so far."""
        return sum(len(writer.acknowledged) for writer in self._writers)

    def wait_for_further(self, writes: int) -> None:
        """Wait until so many more writes are acknowledged.

        Raises:
            LocalError: they were not in time.
        """
        wanted = self.acknowledged() + writes
        wait_until(
            f"{writes} further acknowledged writes",
            lambda: self.acknowledged() >= wanted,
            deadline_seconds=DEADLINE_SECONDS,
        )

    def count(self) -> WriteCount:
        """Compare what was acknowledged with what is there; call it after the `with`."""
        claimed = {(writer.number, sequence) for writer in self._writers for sequence, _ in writer.acknowledged}
        with self._connect() as connection:
            present = set(connection.execute(f"SELECT writer, sequence FROM {TABLE}").fetchall())  # noqa: S608  constant
        moments = sorted(moment for writer in self._writers for _, moment in writer.acknowledged)
        outage = max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0)
        return WriteCount(len(claimed), len(claimed - present), outage)

    def _write(self, writer: _Writer) -> None:
        sequence = itertools.count()
        while not self._stop.is_set():
            try:
                with self._connect() as connection:
                    self._write_on(connection, writer, sequence)
            except (psycopg.Error, LocalError):
                # The point of the exercise: connections die in a failover, and a writer comes back.
                time.sleep(RECONNECT_PAUSE_SECONDS)

    def _write_on(self, connection: Connection, writer: _Writer, sequence: "itertools.count[int]") -> None:
        while not self._stop.is_set():
            number = next(sequence)
            connection.execute(f"INSERT INTO {TABLE} VALUES (%s, %s)", (writer.number, number))  # noqa: S608  constant
            writer.acknowledged.append((number, time.monotonic()))
