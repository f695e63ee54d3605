"""Writers that never pause, as an application's: each insert commits by itself, and a lost connection is made anew."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psycopg

from local.drill.probed_writes import DrilledDatabase, ProbedWrites
from local.errors import LocalError
from local.postgres.access import Connection
from local.reports.attempts import Attempt, Key
from local.waiting import wait_until

TABLE = "public.drill_writes"
THREADS = 4
RECONNECT_PAUSE_SECONDS = 0.02
DEADLINE_SECONDS = 60.0

type Connect = Callable[[], Connection]


class Writers(ABC):
    """Writes for as long as its `with` lasts, and remembers what was said of each write."""

    @property
    @abstractmethod
    def attempts(self) -> list[Attempt]:
        """Every write so far."""

    @abstractmethod
    def present(self) -> set[Key]:
        """Return the keys of the rows that are there, and remove them; call it after the `with`."""

    @abstractmethod
    def __enter__(self) -> Self:
        """Begin."""

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing."""

    def acknowledged_since(self, moment: float) -> int:
        """Return how many writes were acknowledged after a moment in Unix time."""
        return sum(attempt.acknowledged and attempt.ended > moment for attempt in self.attempts)

    def wait_for_further(self, writes: int) -> None:
        """Wait until so many more writes are acknowledged.

        Raises:
            LocalError: they were not in time.
        """
        began = time.time()
        wait_until(
            f"{writes} further acknowledged writes",
            lambda: self.acknowledged_since(began) >= writes,
            deadline_seconds=DEADLINE_SECONDS,
        )


class ProbedWriters(Writers):
    """Has the probe write without a pause, as a drill on AWS does once a second.

    Args:
        database: Where the rows are written.
    """

    def __init__(self, database: DrilledDatabase) -> None:
        self._writes = ProbedWrites(database)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing."""
        self._stop.set()
        self._thread.join(timeout=DEADLINE_SECONDS)

    @property
    def attempts(self) -> list[Attempt]:
        """Every write so far."""
        return list(self._writes.attempts)

    def present(self) -> set[Key]:
        """Return the keys of the rows that are there, and remove them; call it after the `with`."""
        found = self._writes.present()
        self._writes.forget()
        return found

    def _write(self) -> None:
        while not self._stop.is_set():
            self._writes.look()


class DrillWriters(Writers):
    """Writes for as long as the `with` lasts, and remembers what it was told of each write.

    Args:
        connect: Opens a connection to the writer endpoint that commits each statement.
        owner: The same for somebody who may make a table.
        role: Who writes, where that is not the table's owner; empty otherwise.
    """

    def __init__(self, connect: Connect, owner: Connect | None = None, role: str = "") -> None:
        self._connect = connect
        self._owner = owner or connect
        self._role = role
        self._attempts: list[list[Attempt]] = [[] for _ in range(THREADS)]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(n,), daemon=True) for n in range(THREADS)]

    def __enter__(self) -> Self:
        """Make the table anew and begin."""
        with self._owner() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
            connection.execute(f"CREATE TABLE {TABLE} (writer int, sequence bigint, PRIMARY KEY (writer, sequence))")
            if self._role:
                connection.execute(f"GRANT SELECT, INSERT ON {TABLE} TO {self._role}".encode())
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=DEADLINE_SECONDS)

    @property
    def attempts(self) -> list[Attempt]:
        """Every write so far."""
        return [attempt for attempts in self._attempts for attempt in tuple(attempts)]

    def present(self) -> set[Key]:
        """Return the keys of the rows that are there, and remove the table; call it after the `with`."""
        with self._owner() as connection:
            rows = connection.execute(f"SELECT writer, sequence FROM {TABLE}").fetchall()  # noqa: S608  constant
            connection.execute(f"DROP TABLE {TABLE}")
        return {(int(str(writer)), int(str(sequence))) for writer, sequence in rows}

    def _write(self, writer: int) -> None:
        while not self._stop.is_set():
            try:
                with self._connect() as connection:
                    self._write_on(connection, writer)
            except (psycopg.Error, LocalError):
                # The point of the exercise: connections die in a failover, and a writer comes back.
                time.sleep(RECONNECT_PAUSE_SECONDS)

    def _write_on(self, connection: Connection, writer: int) -> None:
        attempts = self._attempts[writer]
        while not self._stop.is_set():
            key, began, acknowledged = (writer, len(attempts)), time.time(), False
            try:
                connection.execute(f"INSERT INTO {TABLE} VALUES (%s, %s)", key)  # noqa: S608  constant
                acknowledged = True
            finally:
                attempts.append(Attempt(key, began, time.time(), acknowledged))
