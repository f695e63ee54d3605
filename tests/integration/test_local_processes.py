"""Background processes hold nothing of the caller's, and only what is provably ours is ever ended."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from local.errors import LocalError
from local.process_records import ProcessRecord, is_ours_and_alive, started_ticks
from local.processes import Processes
from local.waiting import wait_until

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
SLEEP = ["sleep", "600"]
IGNORES_TERM = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 600; done"]
WITH_CHILD = ["sh", "-c", "sleep 600 & echo $! >&2; wait"]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    table = Processes(tmp_path, orphan_grace_seconds=0.05)
    yield table
    table.stop_leftovers(deadline_seconds=0)


@pytest.fixture
def foreign() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


def test_a_started_process_is_recorded_and_alive(processes: Processes, tmp_path: Path) -> None:
    record = processes.start("sleeper", SLEEP, environment=ENVIRONMENT)

    assert is_ours_and_alive(record)
    assert json.loads((tmp_path / "processes" / "sleeper.json").read_text())["pid"] == record.pid


def test_a_started_process_is_in_its_own_session_with_only_its_log_open(processes: Processes, tmp_path: Path) -> None:
    record = processes.start("sleeper", SLEEP, environment=ENVIRONMENT)
    wait_until("sleep", lambda: psutil.Process(record.pid).name() == "sleep", deadline_seconds=5)

    opened = sorted(str(path.readlink()) for path in Path(f"/proc/{record.pid}/fd").iterdir())

    log = str(tmp_path / "logs" / "sleeper.log")
    assert opened == ["/dev/null", log, log]
    assert Path(f"/proc/{record.pid}/stat").read_text().rpartition(")")[2].split()[3] == str(record.pid)


def test_a_second_process_of_the_same_name_is_refused(processes: Processes) -> None:
    processes.start("sleeper", SLEEP, environment=ENVIRONMENT)

    with pytest.raises(LocalError, match="sleeper is already running"):
        processes.start("sleeper", SLEEP, environment=ENVIRONMENT)


@pytest.mark.parametrize("end", [Processes.stop, Processes.kill], ids=["stop", "kill"])
def test_an_ended_process_is_gone_with_its_children(processes: Processes, end: Callable[..., None]) -> None:
    record = processes.start("parent", WITH_CHILD, environment=ENVIRONMENT)
    child = int(wait_until("the child", lambda: _log(processes, "parent"), deadline_seconds=5))

    end(processes, "parent")

    assert started_ticks(record.pid) is None
    wait_until("the child to end", lambda: started_ticks(child) is None, deadline_seconds=1)


def test_a_process_that_ignores_the_request_is_killed_at_the_deadline(processes: Processes) -> None:
    record = processes.start("stubborn", IGNORES_TERM, environment=ENVIRONMENT)
    wait_until("the trap", lambda: _log(processes, "stubborn"), deadline_seconds=5)

    processes.stop("stubborn", deadline_seconds=0.05)

    assert not is_ours_and_alive(record)


def test_stopping_what_is_gone_is_harmless(processes: Processes) -> None:
    processes.stop("never started")
    processes.kill("never started")
    processes.stop_leftovers()


@pytest.mark.parametrize("end", [Processes.stop, Processes.kill], ids=["stop", "kill"])
def test_a_reused_pid_is_never_touched(
    processes: Processes, tmp_path: Path, foreign: "subprocess.Popen[bytes]", end: Callable[..., None]
) -> None:
    began = started_ticks(foreign.pid)
    assert began is not None
    ours = processes.start("ours", SLEEP, environment=ENVIRONMENT)
    processes.stop("ours")
    replace(ours, pid=foreign.pid, started_ticks=began - 1).write(tmp_path / "processes" / "ours.json")

    end(processes, "ours")

    assert foreign.poll() is None
    assert not processes.is_alive("ours")


def test_a_record_of_an_earlier_boot_is_never_touched(foreign: "subprocess.Popen[bytes]") -> None:
    began = started_ticks(foreign.pid) or 0

    record = ProcessRecord("ours", foreign.pid, began, "another-boot", ("sleep",), signal.SIGTERM)

    assert not is_ours_and_alive(record)


def test_leftovers_without_a_record_are_found_by_their_mark(processes: Processes, tmp_path: Path) -> None:
    record = processes.start("postgres-lost", SLEEP, environment=ENVIRONMENT)
    wait_until("sleep", lambda: psutil.Process(record.pid).name() == "sleep", deadline_seconds=5)
    (tmp_path / "processes" / "postgres-lost.json").unlink()

    processes.stop_leftovers("postgres-")

    assert started_ticks(record.pid) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "sleeper", "pid": 1}'])
def test_what_an_unreadable_record_was_of_is_found_by_its_mark(
    processes: Processes, tmp_path: Path, content: str
) -> None:
    record = processes.start("sleeper", SLEEP, environment=ENVIRONMENT)
    wait_until("sleep", lambda: psutil.Process(record.pid).name() == "sleep", deadline_seconds=5)
    path = tmp_path / "processes" / "sleeper.json"
    path.write_text(content)

    assert not processes.is_alive("sleeper")
    processes.stop_leftovers()

    assert started_ticks(record.pid) is None
    assert not path.exists()


def test_a_process_of_an_unreadable_record_is_ended_before_its_successor_starts(
    processes: Processes, tmp_path: Path
) -> None:
    record = processes.start("sleeper", SLEEP, environment=ENVIRONMENT)
    wait_until("sleep", lambda: psutil.Process(record.pid).name() == "sleep", deadline_seconds=5)
    (tmp_path / "processes" / "sleeper.json").write_text("")

    successor = processes.start("sleeper", SLEEP, environment=ENVIRONMENT)

    assert started_ticks(record.pid) is None
    assert is_ours_and_alive(successor)


@pytest.mark.parametrize("end", [Processes.stop, Processes.kill], ids=["stop", "kill"])
def test_a_process_of_another_user_is_named_in_one_line(
    processes: Processes, monkeypatch: pytest.MonkeyPatch, end: Callable[..., None]
) -> None:
    def refuse(pid: int, what: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    processes.start("sleeper", SLEEP, environment=ENVIRONMENT)
    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", refuse)
        with pytest.raises(LocalError, match=r"the process sleeper belongs to another user .*: run this as the user"):
            end(processes, "sleeper")

    assert processes.is_alive("sleeper")


def test_leftovers_of_another_root_or_name_stay(processes: Processes, tmp_path: Path) -> None:
    other = Processes(tmp_path / "other checkout")
    record = other.start("postgres-theirs", SLEEP, environment=ENVIRONMENT)
    kept = processes.start("aws", SLEEP, environment=ENVIRONMENT)

    processes.stop_leftovers("postgres-")

    assert is_ours_and_alive(record)
    assert is_ours_and_alive(kept)
    other.stop_leftovers()


def test_a_signal_to_what_does_not_run_is_an_error(processes: Processes) -> None:
    with pytest.raises(LocalError, match="writer is not running"):
        processes.send("writer", signal.SIGHUP)


def _log(processes: Processes, name: str) -> str:
    log = processes.log_file(name)
    return log.read_text() if log.exists() else ""
