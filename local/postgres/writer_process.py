"""Runs the writer endpoint as a background process and moves it from server to server."""

import os
import signal
import sys
from dataclasses import dataclass

from local.errors import LocalError
from local.free_ports import LOOPBACK
from local.listening import listens
from local.postgres import writer_endpoint
from local.postgres.folders import Folders
from local.postgres.node import PROCESS_PREFIX
from local.processes import Processes
from local.waiting import wait_until

_NAME = f"{PROCESS_PREFIX}writer-endpoint"
_START_DEADLINE_SECONDS = 20.0
# Some installations of Python find their own library only so.
_NEEDED_BY_PYTHON = ("PATH", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class WriterProcess:
    """The process behind the writer endpoint.

    Args:
        folders: Where the environment keeps the database.
        port: The endpoint's own port, the same as long as the environment is up.
    """

    folders: Folders
    port: int

    def start(self, target_port: int) -> None:
        """Start it, leading to a server's port, and wait until it takes connections.

        Raises:
            LocalError: it ended, e.g. because its port was taken meanwhile, or did not get ready in time.
        """
        self._write_target(target_port)
        # By its path, isolated: it needs the standard library only, and starts without the rest of this package.
        program = [sys.executable, "-I", writer_endpoint.__file__]
        record = Processes(self.folders.root).start(
            _NAME,
            [*program, str(self.port), str(self.folders.writer_target)],
            environment={name: os.environ[name] for name in _NEEDED_BY_PYTHON if name in os.environ},
        )
        wait_until(
            f"the writer endpoint on port {self.port}",
            lambda: self._takes_connections_or_raises(record.pid),
            deadline_seconds=_START_DEADLINE_SECONDS,
            poll_seconds=0.01,
        )

    def ensure_leads_to(self, target_port: int) -> None:
        """Start it where it does not run, and move it where it leads to another server.

        Raises:
            LocalError: it cannot be started on its port.
        """
        if not self.is_running():
            Processes(self.folders.root).stop_leftovers(_NAME)
            self.start(target_port)
        elif self.folders.writer_target.read_text(encoding="ascii") != _target(target_port):
            self.point_to(target_port)

    def point_to(self, target_port: int) -> None:
        """Move the endpoint to another server: what is connected is dropped, what connects from now on gets there."""
        self._write_target(target_port)
        Processes(self.folders.root).send(_NAME, signal.SIGHUP)

    def is_running(self) -> bool:
        """Tell whether the process runs."""
        return Processes(self.folders.root).is_alive(_NAME)

    def _takes_connections_or_raises(self, pid: int) -> bool:
        if not self.is_running():
            last_words = Processes(self.folders.root).last_words(_NAME)
            raise LocalError(f"the writer endpoint on port {self.port} ended: {last_words}")
        return listens(pid, self.port)

    def _write_target(self, port: int) -> None:
        target = self.folders.writer_target
        unfinished = target.with_name(f"{target.name}.writing")
        unfinished.write_text(_target(port), encoding="ascii")
        unfinished.replace(target)


def _target(port: int) -> str:
    return f"{LOOPBACK}:{port}\n"
