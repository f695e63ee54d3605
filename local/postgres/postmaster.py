"""What a killed server leaves, and the proof that it is this server's: its pid file and its System V shared memory.

postmaster.pid is only a text: the memory that it names may be somebody else's by now, who got the same id after the
machine was started anew. Memory is removed where the system's own table says all of

1. key and id are those of the pid file, which names this very data directory
2. the process of the pid file created it
3. it was created after that server began and before it wrote the pid file last
4. nobody uses it
"""

import contextlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SHARED_MEMORY_TABLE = Path("/proc/sysvipc/shm")
_PID_FILE = "postmaster.pid"
# Lines of postmaster.pid (PostgreSQL's miscadmin.h).
_PID_LINE, _DATA_LINE, _START_LINE, _SHARED_MEMORY_LINE, _STATE_LINE = 0, 1, 2, 6, 7
_CLOCK_GRAIN_SECONDS = 1.0  # the table has whole seconds


@dataclass(frozen=True, slots=True)
class _Segment:
    key: int
    identifier: int
    creator: int
    users: int
    created_at: int


@dataclass(frozen=True, slots=True)
class _PidFile:
    lines: list[str]
    written_at: float

    def line(self, number: int) -> str:
        return self.lines[number].strip() if number < len(self.lines) else ""


def is_ready(data: Path, pid: int) -> bool:
    """Tell whether the server of that process id takes connections; a pid file of another one says nothing."""
    pid_file = _read(data)
    return pid_file.line(_PID_LINE) == str(pid) and pid_file.line(_STATE_LINE) == "ready"


def forget_postmaster(data: Path, table: Path = _SHARED_MEMORY_TABLE) -> bool:
    """Remove what a killed server leaves; False, and nothing is removed, while one of its processes lives on.

    Args:
        data: The data directory of a server whose main process does not run.
        table: The system's list of shared memory, proc(5).
    """
    segment = _own_segment(data, table)
    if segment and segment.users:
        # PostgreSQL itself reads the pid file, and refuses a data directory that is still in use.
        return False
    if segment:
        with contextlib.suppress(FileNotFoundError):
            subprocess.run(["ipcrm", "-m", str(segment.identifier)], capture_output=True, check=False, timeout=10)
    (data / _PID_FILE).unlink(missing_ok=True)
    return True


def _own_segment(data: Path, table: Path) -> _Segment | None:
    pid_file = _read(data)
    words = [pid_file.line(_PID_LINE), pid_file.line(_START_LINE), *pid_file.line(_SHARED_MEMORY_LINE).split()]
    numbers = [int(word) for word in words if word.isdecimal()]
    if pid_file.line(_DATA_LINE) != str(data) or len(numbers) != len(("pid", "start", "key", "identifier")):
        return None
    pid, started_at, key, identifier = numbers
    for segment in _segments(table):
        named = (segment.key, segment.identifier, segment.creator) == (key, identifier, pid)
        if named and started_at <= segment.created_at <= pid_file.written_at + _CLOCK_GRAIN_SECONDS:
            return segment
    return None


def _segments(table: Path) -> list[_Segment]:
    try:
        header, *rows = (line.split() for line in table.read_text(encoding="ascii").splitlines())
    except FileNotFoundError:  # a kernel without System V shared memory
        return []
    columns = [header.index(name) for name in ("key", "shmid", "cpid", "nattch", "ctime")]
    return [_Segment(*(int(row[column]) for column in columns)) for row in rows]


def _read(data: Path) -> _PidFile:
    path = data / _PID_FILE
    try:
        return _PidFile(path.read_text(encoding="utf-8", errors="replace").splitlines(), path.stat().st_mtime)
    except FileNotFoundError:
        return _PidFile([], 0.0)
