"""Loads from Python: client processes of the application's kind, each a program of its own.

What they use, langpont_db or SQLAlchemy alone, is their business: this side knows their lines only.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

from local.errors import LocalError
from local.load.figures import MIX, Round, Transaction
from local.load.targets import Targets

PROCESSES = 2
_PROGRAM = "benchmarks.load_client"
_IMPORTED_FROM = (".", "layers/application", "layers/postgres")
_START_WITHIN_SECONDS = 60.0
_GRACE_SECONDS = 120.0
_END_WITHIN_SECONDS = 10.0
_BEGIN_IN_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Step:
    """What one process is told, as `benchmarks/load_client.py` takes it."""

    begins_at: float
    seconds: float
    rate: float
    clients: int
    mark: str
    seed: int


@dataclass(frozen=True, slots=True)
class LoadClients:
    """Client processes that have started.

    Args:
        processes: The processes, each with its log.
        clients: How many client loops they have together.
    """

    processes: tuple["_ClientProcess", ...]
    clients: int

    def load(self, rate: float, seconds: float, mark: str) -> Round:
        """Load at a rate and return what became of every transaction.

        Args:
            rate: Transactions a second of all processes together.
            seconds: How long.
            mark: Begins the session id of every event, by which its row is found.

        Raises:
            LocalError: a process ended, or did not answer in time.
        """
        begins_at = time.time() + _BEGIN_IN_SECONDS
        share = len(self.processes)
        for number, process in enumerate(self.processes):
            step = Step(begins_at, seconds, rate / share, self.clients // share, f"{mark}-{number}", number)
            process.tell(asdict(step))
        answers = [process.answer(seconds + _GRACE_SECONDS) for process in self.processes]
        return Round([Transaction(*fields) for answer in answers for fields in answer], begins_at)


class _ClientProcess:
    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._input, self._output = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        self._log = log

    def tell(self, what: Mapping[str, Any]) -> None:
        """Write a line; that it has ended is noticed by its missing answer."""
        with suppress(BrokenPipeError):
            self._input.write(f"{json.dumps(what)}\n")
            self._input.flush()

    def answer(self, deadline_seconds: float) -> Any:
        watchdog = threading.Timer(deadline_seconds, self._process.kill)
        watchdog.start()
        try:
            line = self._output.readline()
        finally:
            watchdog.cancel()
        if not line:
            raise LocalError(f"a load client ended or did not answer: {_last_words(self._log)} (log: {self._log})")
        return json.loads(line)

    def end(self) -> None:
        """Let it end, and kill it where it is in the middle of a step, as after an interruption."""
        with suppress(BrokenPipeError):
            self._input.close()
        try:
            self._process.wait(timeout=_END_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()


@contextmanager
def started_clients(
    application: str, targets: Targets, *, clients: int, root: Path, logs: Path, mark: Mapping[str, str]
) -> Iterator[LoadClients]:
    """Yield client processes, which end with the `with`.

    Args:
        application: `package` or `plain`.
        targets: Both databases of the pooler are used.
        clients: How many client loops all processes have together.
        root: The checkout.
        logs: The folder for what they complain about.
        mark: Marks the processes as ours.

    Raises:
        LocalError: one did not start; the message holds its last line.
    """
    path = os.pathsep.join(str(root / folder) for folder in _IMPORTED_FROM)
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **mark}
    job = {
        "application": application,
        "writer_url": targets.pooled_writer.url,
        "reader_url": targets.pooled_reader.url,
        "weights": dict(MIX),
    }
    with ExitStack() as running:
        found = []
        for number in range(PROCESSES):
            log = logs / f"load-client-{application}-{number}.log"
            process = _start(environment, root, log)
            running.callback(process.end)
            process.tell(job)
            found.append(process)
        for process in found:
            process.answer(_START_WITHIN_SECONDS)
        yield LoadClients(tuple(found), clients)


def _start(environment: Mapping[str, str], root: Path, log: Path) -> _ClientProcess:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", _PROGRAM],
            cwd=root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    return _ClientProcess(process, log)


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it logged nothing"
