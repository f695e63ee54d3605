"""What a killed server left is removed with proof only: a number in a file may be somebody else's memory by now."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.postgres.postmaster import forget_postmaster, is_ready

PID, STARTED_AT, KEY = 31_831, 1_795_472_130, 2_623_803
HEADER = "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap"  # noqa: E501  the kernel's own


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "node_1" / "data"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def segment() -> Iterator[int]:
    """A real piece of System V shared memory, which belongs to this test."""
    made = subprocess.run(["ipcmk", "-M", "56"], capture_output=True, text=True, check=True)
    identifier = int(made.stdout.split()[-1])
    yield identifier
    subprocess.run(["ipcrm", "-m", str(identifier)], capture_output=True, check=False)


def test_memory_that_is_provably_the_servers_is_removed(data: Path, segment: int) -> None:
    _write_pid_file(data, segment)

    assert forget_postmaster(data, _table(data, segment))

    assert not _exists(segment)
    assert not (data / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [("key", KEY + 1), ("cpid", PID + 1), ("ctime", STARTED_AT - 1), ("ctime", STARTED_AT + 60)],
    ids=["another key", "another creator", "older than the server", "younger than its pid file"],
)
def test_memory_that_may_be_somebody_elses_stays(data: Path, segment: int, column: str, value: int) -> None:
    _write_pid_file(data, segment)

    assert forget_postmaster(data, _table(data, segment, **{column: value}))

    assert _exists(segment)
    assert not (data / "postmaster.pid").exists()


def test_memory_named_by_the_pid_file_of_a_copied_directory_stays(data: Path, segment: int, tmp_path: Path) -> None:
    _write_pid_file(data, segment, says=tmp_path / "original" / "data")

    assert forget_postmaster(data, _table(data, segment))

    assert _exists(segment)


def test_nothing_is_forgotten_while_one_of_the_servers_processes_lives(data: Path, segment: int) -> None:
    _write_pid_file(data, segment)

    assert not forget_postmaster(data, _table(data, segment, nattch=1))

    assert _exists(segment)
    assert (data / "postmaster.pid").exists()


@pytest.mark.parametrize("content", ["", "31831\n", "31831\n/x\nnever\n1\n\n\nkey id\nready\n"])
def test_a_pid_file_that_says_little_is_removed_alone(data: Path, segment: int, content: str) -> None:
    (data / "postmaster.pid").write_text(content)

    assert forget_postmaster(data, _table(data, segment))

    assert _exists(segment)
    assert not (data / "postmaster.pid").exists()


def test_a_server_without_a_pid_file_left_nothing(data: Path, tmp_path: Path) -> None:
    assert forget_postmaster(data, tmp_path / "no such table")


def test_only_the_pid_file_of_the_same_process_says_ready(data: Path) -> None:
    _write_pid_file(data, 1)

    assert is_ready(data, PID)
    assert not is_ready(data, PID + 1)


def _write_pid_file(data: Path, segment: int, says: Path | None = None) -> None:
    lines = [PID, says or data, STARTED_AT, 28_742, "", "127.0.0.1", f"  {KEY}    {segment}", "ready   "]
    path = data / "postmaster.pid"
    path.write_text("".join(f"{line}\n" for line in lines))
    os.utime(path, (STARTED_AT + 1, STARTED_AT + 1))


def _table(data: Path, segment: int, **changes: int) -> Path:
    columns = HEADER.split()
    row = {**dict.fromkeys(columns, 0), "key": KEY, "shmid": segment, "cpid": PID, "ctime": STARTED_AT, **changes}
    table = data.parent / "shm"
    table.write_text(f"{HEADER}\n{' '.join(str(row[column]) for column in columns)}\n")
    return table


def _exists(segment: int) -> bool:
    rows = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return any(int(row.split()[1]) == segment for row in rows)
