"""Background processes of the environment: started detached, recorded, and ended only when they are provably ours.

Beside its record, every process carries a mark in its environment, which its children inherit: what outlived its
parent, or was started while the record was still unwritten, is found by it.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from local.errors import LocalError
from local.ownership import owned_by_this_user
from local.process_records import ProcessRecord, boot_id, is_ours_and_alive, started_ticks
from local.spawning import spawn_waiting
from local.waiting import last_value

MARK = "LANGPONT_LOCAL_PROCESS"

_KILL_DEADLINE_SECONDS = 10.0
_ORPHAN_GRACE_SECONDS = 1.0


class Processes:
    """The background processes under one root directory.

    Args:
        root: Holds `processes/` (records) and `logs/` (one file a process).
        orphan_grace_seconds: How long children may live on whose parent ended by request, and who heard nothing of it.
    """

    def __init__(self, root: Path, *, orphan_grace_seconds: float = _ORPHAN_GRACE_SECONDS) -> None:
        self._root = root.resolve()
        self._orphan_grace_seconds = orphan_grace_seconds
        self._records = self._root / "processes"
        self._logs = self._root / "logs"

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> ProcessRecord:
        """Start a process that holds nothing of the caller's: own session, no input, output to its log.

        Args:
            name: Names the record and the log; a process of that name must not run.
            command: The program and its arguments.
            environment: The whole environment; the mark is added.
            stop_signal: What asks this program to end.

        Raises:
            LocalError: a process of that name runs already.
        """
        if self.is_alive(name):
            raise LocalError(f"{name} is already running; stop it first")
        self.kill(name)
        for folder in (self._records, self._logs):
            folder.mkdir(parents=True, exist_ok=True)
        pid, go = spawn_waiting(command, {**environment, **self.mark(name)}, self.log_file(name))
        with os.fdopen(go, "w", encoding="ascii") as gate:
            record = ProcessRecord(name, pid, started_ticks(pid) or 0, boot_id(), tuple(command), int(stop_signal))
            record.write(self._record_file(name))
            gate.write("go\n")
        return record

    def mark(self, name: str) -> dict[str, str]:
        """Return the environment variable that marks a process, and its children, as part of `name`."""
        return {MARK: f"{self._root}:{name}"}

    def log_file(self, name: str) -> Path:
        """Return where the output of `name` goes."""
        return self._logs / f"{name}.log"

    def last_words(self, name: str) -> str:
        """Return the last line that `name` logged, for an error message."""
        log = self.log_file(name)
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "it logged nothing")

    def is_alive(self, name: str) -> bool:
        """Tell whether the process recorded under `name` runs."""
        return self._living(name) is not None

    def send(self, name: str, what: signal.Signals) -> None:
        """Send a signal to the process itself.

        Raises:
            LocalError: it does not run, or is another user's.
        """
        record = self._living(name)
        if record is None:
            raise LocalError(f"{name} is not running; its log is {self.log_file(name)}")
        with owned_by_this_user(f"the process {name}"):
            os.kill(record.pid, what)

    def stop(self, name: str, *, deadline_seconds: float = 30.0) -> None:
        """Ask the process to end, kill it and its children at the deadline, and forget it; harmless when it is gone.

        Raises:
            LocalError: it is another user's, or cannot be killed.
        """
        record = self._living(name)
        with owned_by_this_user(f"the process {name}"):
            if record is None:
                self._kill_unrecorded(name)
            else:
                self._end(record, deadline_seconds)
            self._forget(name)

    def kill(self, name: str) -> None:
        """Kill the process and its children at once (SIGKILL), and forget it; harmless when it is gone.

        Raises:
            LocalError: it is another user's, or cannot be killed.
        """
        record = self._living(name)
        with owned_by_this_user(f"the process {name}"):
            if record is None:
                self._kill_unrecorded(name)
            else:
                with contextlib.suppress(ProcessLookupError):
                    # Stopped first: no child is born between the listing and the kill.
                    os.kill(record.pid, signal.SIGSTOP)
                _kill(_family(record.pid))
            self._forget(name)

    def stop_leftovers(self, prefix: str = "", *, deadline_seconds: float = 10.0) -> None:
        """Stop every recorded process whose name begins with `prefix`, then what carries its mark without a record.

        Raises:
            LocalError: one is another user's, or cannot be killed.
        """
        for path in sorted(self._records.glob(f"{prefix}*.json")):
            self.stop(path.stem, deadline_seconds=deadline_seconds)
        _kill(self._marked(lambda name: name.startswith(prefix)))

    def _end(self, record: ProcessRecord, deadline_seconds: float) -> None:
        family = _family(record.pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, record.stop_signal)
        _wait_for_end(family[:1], deadline_seconds)
        survivors = _wait_for_end(family, self._orphan_grace_seconds)
        _kill(member for survivor in survivors for member in _family(survivor.pid))

    def _marked(self, is_wanted: Callable[[str], bool]) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            # Other people's processes do not show their environment, and some end while they are asked.
            with contextlib.suppress(psutil.Error):
                root, _, name = process.environ().get(MARK, "").rpartition(":")
                if root == str(self._root) and is_wanted(name) and process.pid != os.getpid():
                    yield process

    def _living(self, name: str) -> ProcessRecord | None:
        path = self._record_file(name)
        try:
            with owned_by_this_user(f"the process {name}"):
                record = ProcessRecord.read(path)
                return record if is_ours_and_alive(record) else None
        except (FileNotFoundError, ValueError):
            return None

    def _kill_unrecorded(self, name: str) -> None:
        """Kill what carries the mark where the record is unreadable, or of a parent that ended without its children."""
        if self._record_file(name).exists():
            _kill(self._marked(lambda marked: marked == name))

    def _forget(self, name: str) -> None:
        self._record_file(name).unlink(missing_ok=True)

    def _record_file(self, name: str) -> Path:
        return self._records / f"{name}.json"


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _kill(processes: Iterable[psutil.Process]) -> None:
    doomed = list(processes)
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    survivors = _wait_for_end(doomed, _KILL_DEADLINE_SECONDS)
    if survivors:
        raise LocalError(f"killed {survivors[0].pid}, but it did not end within {_KILL_DEADLINE_SECONDS:g} s")


def _wait_for_end(processes: Sequence[psutil.Process], deadline_seconds: float) -> list[psutil.Process]:
    """Return what still lives at the deadline."""
    last_value(lambda: not any(map(_lives, processes)), deadline_seconds=deadline_seconds, poll_seconds=0.01)
    return [process for process in processes if _lives(process)]


def _lives(process: psutil.Process) -> bool:
    """A zombie is dead: whoever started it may never collect it."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
