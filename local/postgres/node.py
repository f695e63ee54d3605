"""One PostgreSQL server as a process: start, stop, kill, promote, ask. What it stores is data_directory.py's."""

import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError
from local.postgres.access import Connection, Endpoint, database_errors
from local.postgres.credentials import SUPERUSER, read_password
from local.postgres.folders import Folders
from local.postgres.postmaster import forget_postmaster, is_ready
from local.postgres.programs import Programs
from local.postgres.server_log import first_trouble
from local.processes import Processes
from local.waiting import wait_until

PROCESS_PREFIX = "postgres-"

_START_DEADLINE_SECONDS = 60.0
_STOP_DEADLINE_SECONDS = 30.0
_LOG_DEADLINE_SECONDS = 1.0
_PROMOTE_DEADLINE_SECONDS = 30.0
_QUICK_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Node:
    """One server.

    Args:
        name: Its name among the servers, and in PostgreSQL's replication views.
        endpoint: Where it itself listens.
        folders: Where the environment keeps the database.
        programs: PostgreSQL's programs.
    """

    name: str
    endpoint: Endpoint
    folders: Folders
    programs: Programs

    @property
    def process_name(self) -> str:
        """Return the name of its process record and log."""
        return f"{PROCESS_PREFIX}{self.name}"

    @property
    def data(self) -> Path:
        """Return its data directory."""
        return self.folders.data(self.name)

    @property
    def mark(self) -> dict[str, str]:
        """Return what marks a program that works on this server as part of the environment."""
        return self._processes.mark(self.process_name)

    def start(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            LocalError: it ended, or did not get ready in time; the message holds its last log line.
        """
        record = self._processes.start(
            self.process_name,
            self.programs.command("postgres", "-D", self.data),
            environment=self.programs.environment(),
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: connections are ended, data is saved
        )
        wait_until(
            f"the server {self.name} to take connections (its log is in {self.folders.log(self.name)})",
            lambda: self._is_ready_or_raises(record.pid),
            deadline_seconds=_START_DEADLINE_SECONDS,
            poll_seconds=_QUICK_POLL_SECONDS,
        )

    def stop(self) -> None:
        """Stop the server and save its data; harmless when it is stopped."""
        self._processes.stop(self.process_name, deadline_seconds=_STOP_DEADLINE_SECONDS)
        forget_postmaster(self.data)

    def kill(self) -> None:
        """Kill the server and all its children at once, as a lost machine would end; harmless when it is stopped."""
        self._processes.kill(self.process_name)
        forget_postmaster(self.data)

    def is_running(self) -> bool:
        """Tell whether the server's process runs."""
        return self._processes.is_alive(self.process_name)

    def connect(self, database: str = "postgres") -> Connection:
        """Return a connection as the superuser, which the environment alone uses."""
        return self.endpoint.connect(database, SUPERUSER, read_password(self.folders, SUPERUSER))

    @contextmanager
    def session(self, database: str = "postgres") -> Iterator[Connection]:
        """Yield such a connection for as long as the `with` lasts, and translate the driver's errors.

        Raises:
            LocalError: the server cannot be reached, refuses a statement or goes away.
        """
        with self._errors(), self.connect(database) as connection:
            yield connection

    def promote(self, connection: Connection) -> None:
        """Make a standby the primary, and wait until it takes writes; harmless when it is a primary.

        Args:
            connection: A superuser's connection to this server, opened before time counted.

        Raises:
            LocalError: it went away, or did not become one in time.
        """
        with self._errors():
            if not _is_in_recovery(connection):
                return
            # pg_promote's own wait looks every 100 ms only.
            connection.execute("SELECT pg_promote(wait => false)")
            wait_until(
                f"the server {self.name} to become the primary",
                lambda: not _is_in_recovery(connection),
                deadline_seconds=_PROMOTE_DEADLINE_SECONDS,
                poll_seconds=_QUICK_POLL_SECONDS,
            )

    @property
    def _processes(self) -> Processes:
        return Processes(self.folders.root)

    def _errors(self) -> AbstractContextManager[None]:
        return database_errors(f"the server {self.name}")

    def _is_ready_or_raises(self, pid: int) -> bool:
        if not self.is_running():
            raise LocalError(f"the server {self.name} ended: {self._trouble()}")
        return is_ready(self.data, pid)

    def _trouble(self) -> str:
        """Return why the server ended; its log is written by a process of its own, which may end a moment later."""
        try:
            return wait_until(
                f"the log of {self.name} to say why",
                lambda: first_trouble(self.folders.log(self.name)),
                deadline_seconds=_LOG_DEADLINE_SECONDS,
            )
        except LocalError:
            return self._processes.last_words(self.process_name)


def _is_in_recovery(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    return bool(row and row[0])
