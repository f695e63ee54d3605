"""The embedded environment's PgBouncer: rendered for the local stack, run as PostgreSQL is: both refuse root."""

import os
import shutil
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.environment import PoolerAccess
from local.errors import LocalError
from local.free_ports import LOOPBACK, find_free_ports
from local.listening import listens
from local.pooler.configuration import (
    CONFIGURATION,
    READER_DATABASE,
    WRITER_DATABASE,
    Setting,
    Upstreams,
    render,
    write_files,
)
from local.pooler.program import PoolerProgram, Version
from local.postgres.certificates import issue_certificates
from local.postgres.programs import Programs, find_programs
from local.processes import Processes
from local.waiting import wait_until

PROCESS = "pgbouncer"
HOST = "pooler.langpont.internal"
"""The name in its certificate; like the databases', it does not resolve and comes with an address."""

_START_DEADLINE_SECONDS = 20.0
_QUITS_AT_ONCE_SINCE = Version(1, 23)


@dataclass(frozen=True, slots=True)
class LocalPooler:
    """The pooler of an environment.

    Args:
        root: The environment's root directory.
        program: Which PgBouncer.
    """

    root: Path
    program: PoolerProgram

    @property
    def folder(self) -> Path:
        """Return the folder of its configuration."""
        return self.root.resolve() / "pgbouncer"

    @property
    def is_running(self) -> bool:
        """Tell whether it runs."""
        return self._processes.is_alive(PROCESS)

    def ensure(self, upstreams: Upstreams, port: int | None = None) -> PoolerAccess:
        """Start it, or have the one that runs read its configuration again, and describe it.

        Args:
            upstreams: What it leads to.
            port: Its port until now; None for a free one.

        Raises:
            LocalError: it ended, or did not get ready in time; the message holds its last line.
        """
        if port is None or not self.is_running:
            port = port or find_free_ports(1)[0]
            self._create()
            self._write(upstreams, port)
            self._start(port)
        else:
            self._write(upstreams, port)
            self._processes.send(PROCESS, signal.SIGHUP)
        return self._access(upstreams, port)

    @property
    def _processes(self) -> Processes:
        return Processes(self.root)

    def _create(self) -> None:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        issue_certificates(self.folder, [HOST], datetime.now(UTC))
        self._programs.give(self.folder, *self.folder.iterdir())

    def _write(self, upstreams: Upstreams, port: int) -> None:
        setting = Setting(str(self.folder), self.program.version, LOOPBACK, port, socket_folder="", certificate=HOST)
        self._programs.give(*write_files(render(upstreams, setting), self.folder))

    def _start(self, port: int) -> None:
        record = self._processes.start(
            PROCESS,
            [*self._programs.privileges.prefix, str(self.program.path), str(self.folder / CONFIGURATION)],
            environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            # Since 1.23 SIGTERM waits for every client to go; before, SIGQUIT meant nothing.
            stop_signal=signal.SIGQUIT if self.program.version >= _QUITS_AT_ONCE_SINCE else signal.SIGTERM,
        )
        wait_until(
            f"PgBouncer on port {port}",
            lambda: self._listens_or_raises(record.pid, port),
            deadline_seconds=_START_DEADLINE_SECONDS,
            poll_seconds=0.01,
        )

    @property
    def _programs(self) -> Programs:
        return find_programs()

    def _listens_or_raises(self, pid: int, port: int) -> bool:
        if not self.is_running:
            raise LocalError(f"PgBouncer on port {port} ended: {self._processes.last_words(PROCESS)}")
        return listens(pid, port)

    def _access(self, upstreams: Upstreams, port: int) -> PoolerAccess:
        return PoolerAccess(
            endpoint=HOST,
            host=LOOPBACK,
            port=port,
            ca_bundle=str(self.folder / "ca.pem"),
            version=str(self.program.version),
            configuration=str(self.folder / CONFIGURATION),
            databases={
                WRITER_DATABASE: upstreams.writer.login.role,
                READER_DATABASE: upstreams.reader.login.role,
            },
        )
