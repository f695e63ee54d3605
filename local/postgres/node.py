"""One PostgreSQL server as a process: start, stop, kill, promote, ask. What it stores is data_directory.py's."""

import contextlib
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError
from local.postgres.access import Connection, Endpoint
from local.postgres.credentials import SUPERUSER, read_password
from local.postgres.folders import Folders
from local.postgres.programs import Programs
from local.postgres.server_log import first_trouble
from local.processes import Processes
from local.waiting import wait_until

PROCESS_PREFIX = "postgres-"

_START_DEADLINE_SECONDS = 60.0
_STOP_DEADLINE_SECONDS = 30.0
_PROMOTE_DEADLINE_SECONDS = 30.0
_QUICK_POLL_SECONDS = 0.01
# Lines of postmaster.pid (PostgreSQL's miscadmin.h): key and id of the shared memory, and the server's state.
_SHARED_MEMORY_LINE = 6
_STATE_LINE = 7


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
        self._processes.start(
            self.process_name,
            self.programs.command("postgres", "-D", self.data),
            environment=self.programs.environment(),
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: connections are ended, data is saved
        )
        wait_until(
            f"the server {self.name} to take connections (its log is in {self.folders.log(self.name)})",
            self._is_ready_or_raises,
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

    def is_in_recovery(self) -> bool:
        """Tell whether the server is a standby or a replica."""
        with self.connect() as connection:
            return _is_in_recovery(connection)

    def promote(self, connection: Connection) -> None:
        """Make a standby the primary, and wait until it takes writes; harmless when it is a primary.

        Args:
            connection: A superuser's connection to this server, opened before time counted.
        """
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

    def _is_ready_or_raises(self) -> bool:
        if not self.is_running():
            trouble = first_trouble(self.folders.log(self.name)) or self._processes.last_words(self.process_name)
            raise LocalError(f"the server {self.name} ended: {trouble}")
        return _postmaster_line(self.data, _STATE_LINE).strip() == "ready"


def forget_postmaster(data: Path) -> None:
    """Remove what a killed server leaves: its pid file and its few bytes of System V shared memory.

    Args:
        data: The data directory of a server that does not run.
    """
    key_and_id = _postmaster_line(data, _SHARED_MEMORY_LINE).split()
    if key_and_id:
        subprocess.run(["ipcrm", "-m", key_and_id[-1]], capture_output=True, check=False, timeout=10)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _postmaster_line(data: Path, number: int) -> str:
    with contextlib.suppress(FileNotFoundError, IndexError):
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[number]
    return ""


def _is_in_recovery(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    return bool(row and row[0])
