"""What is remembered of a background process, and the proof that a pid is still the one that was remembered.

A record holds the pid and the moment its process began, in clock ticks since a named boot: a pid that the system gave
to somebody else meanwhile began at another moment.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_STARTED_TICKS_FIELD = 19  # field 22 of proc(5) /proc/<pid>/stat, counted from behind the command's closing parenthesis


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One started process, as a JSON file keeps it."""

    name: str
    pid: int
    started_ticks: int
    boot_id: str
    command: tuple[str, ...]
    stop_signal: int

    @classmethod
    def read(cls, path: Path) -> "ProcessRecord":
        """Return the record in a file.

        Raises:
            ValueError: the file holds no record, e.g. because the disk was full or the machine was lost.
        """
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        try:
            numbers = {name: int(fields[name]) for name in ("pid", "started_ticks", "stop_signal")}
            return cls(**{**fields, **numbers, "command": tuple(fields["command"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"{path} holds no record of a process") from error

    def write(self, path: Path) -> None:
        """Put the record into a file, all of it or nothing."""
        unfinished = path.with_suffix(".writing")
        unfinished.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        unfinished.replace(path)


def is_ours_and_alive(record: ProcessRecord) -> bool:
    """Tell whether the recorded process itself still runs; a zombie and a reused pid do not count."""
    return record.boot_id == boot_id() and started_ticks(record.pid) == record.started_ticks


def boot_id() -> str:
    """Return what identifies this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def started_ticks(pid: int) -> int | None:
    """Return when a process began, in clock ticks since boot; None for no process and for a zombie.

    psutil's create_time() adds the wall clock's boot time, which moves when the clock is set.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[_STARTED_TICKS_FIELD])
