"""Times what langpont_db adds to SQLAlchemy: per statement and per session, in parts of a round trip.

Both sides ask the same replica of the embedded cluster over verified TLS, with the same pool and driver. What is added
is this process's own work, so that is what is timed: processor time of the thread, the lower quartile of many rounds in
random order, and of a statement the mean over several sessions. Servers and clients share one processor meanwhile: to
wake a process on another one costs up to 20 us, now and then, which is more than what is looked for. A round trip is
timed on all processors. That there is none more is a test's (tests/integration/test_application_routing.py).
"""

import gc
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from benchmarks.application import application_cluster, url_of, variables_of
from langpont_db import Database
from local.waiting import wait_until

ROUNDS = 300
TIMES_A_ROUND = 20
# What the same statement costs differs from one connection to the next by more than what is looked for.
SESSIONS = 3
CONTROL = "SQLAlchemy again"
_IDLE_SECONDS = 3.0
_READ, _IN_RECOVERY = text("SELECT 1"), text("SELECT pg_is_in_recovery()")
_DEADLINE_SECONDS = 30.0

type Work = Callable[[], object]
type Make = Callable[[], Session]


@dataclass(frozen=True, slots=True)
class Overhead:
    """What one kind of session adds.

    Args:
        name: The kind.
        statement_seconds: For each statement, more than in SQLAlchemy's session.
        session_seconds: For each session, on top of its statements.
        round_trip_seconds: One statement on an open connection, from asking to the answer.
    """

    name: str
    statement_seconds: float
    session_seconds: float
    round_trip_seconds: float

    @property
    def ratio(self) -> float:
        """Return what a statement costs, in round trips."""
        return self.statement_seconds / self.round_trip_seconds

    @property
    def session_ratio(self) -> float:
        """Return what a session costs, in round trips."""
        return self.session_seconds / self.round_trip_seconds


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything measured about routing.

    Args:
        overheads: By kind of session; the control is SQLAlchemy beside itself, and shows what the measurement can tell.
        monitor_share: Processor time of the monitor, as a part of one processor's.
    """

    overheads: tuple[Overhead, ...]
    monitor_share: float


def measure_routing(scratch: Path, rounds: int = ROUNDS) -> Routing:
    """Return a measurement, on a cluster that is started for it and stopped afterwards.

    Args:
        scratch: An empty folder.
        rounds: How often each is timed, in turn.
    """
    with (
        application_cluster(scratch) as cluster,
        closing(Database.from_env(variables_of(cluster))) as database,
        _bare_engine(url_of(cluster, cluster.replica)) as engine,
    ):
        wait_until("reads to go to the replica", lambda: _is_on_replica(database), deadline_seconds=_DEADLINE_SECONDS)
        with database.request():
            return _measured(database, engine, rounds)


def _measured(database: Database, engine: Engine, rounds: int) -> Routing:
    kinds: Mapping[str, tuple[Make, bool]] = {
        "read session": (database.get_read_session, False),
        "routing session": (database.get_session, True),
        CONTROL: (lambda: Session(engine), False),
    }
    sessions = {
        name: ([_session(make, commits=False)], [_session(lambda: Session(engine), commits=commits)])
        for name, (make, commits) in kinds.items()
    }
    round_trip_seconds = _round_trip_seconds(engine, rounds)
    with _on_one_processor(), ExitStack() as stack:
        statements = {
            name: tuple(_statements(stack, side) for side in (make, lambda: Session(engine)))
            for name, (make, _) in kinds.items()
        }
        by_statement = _added_seconds(statements, rounds)
        by_session = _added_seconds(sessions, rounds)
    overheads = tuple(
        Overhead(name, by_statement[name], by_session[name] - by_statement[name], round_trip_seconds) for name in kinds
    )
    return Routing(overheads, _monitor_share())


def _round_trip_seconds(engine: Engine, rounds: int) -> float:
    """Return what the driver alone takes for a statement on an open connection, in the median of several."""
    with ExitStack() as stack:
        drivers: list[Any] = [
            stack.enter_context(engine.connect()).connection.driver_connection for _ in range(SESSIONS)
        ]
        works = [lambda driver=driver: driver.execute("SELECT 1").fetchone() for driver in drivers]
        return statistics.median(_seconds(work, time.perf_counter) for _ in range(rounds) for work in works)


def _statements(stack: ExitStack, make: Make) -> list[Work]:
    """Return the same statement in several sessions, each with a connection that its server has got to know."""
    sessions = [stack.enter_context(make()) for _ in range(SESSIONS)]
    for session in sessions:
        session.scalar(_READ)
    return [partial(session.scalar, _READ) for session in sessions]


def _session(make: Make, *, commits: bool) -> Work:
    def use() -> None:
        with make() as session:
            session.scalar(_READ)
            if commits:
                session.commit()

    return use


def _added_seconds(works: Mapping[str, tuple[Sequence[Work], ...]], rounds: int) -> dict[str, float]:
    """Return the seconds that the first of each pair take more than the second."""
    order = [((name, side), work) for name, pair in works.items() for side, same in enumerate(pair) for work in same]
    seconds: dict[Work, list[float]] = {work: [] for _, work in order}
    with _garbage_kept():
        for _ in range(rounds):
            for _, work in random.sample(order, len(order)):
                seconds[work].append(_seconds(work, time.thread_time))
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for key, work in order:
        found[key].append(_undisturbed(seconds[work]))
    return {name: statistics.mean(found[name, 0]) - statistics.mean(found[name, 1]) for name in works}


def _undisturbed(seconds: Sequence[float]) -> float:
    """Return the lower quartile: what others do on the machine is in the upper ones."""
    return statistics.quantiles(seconds, n=4)[0]


@contextmanager
def _on_one_processor() -> Iterator[None]:
    """Keep this thread, the servers and what they start on one processor."""
    this = psutil.Process()
    together = [this, *this.children(recursive=True)]
    allowed = this.cpu_affinity()
    _allow(together, allowed[-1:])
    try:
        yield
    finally:
        _allow(together, allowed)


def _allow(processes: Sequence[psutil.Process], processors: list[int]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.cpu_affinity(processors)


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Collect nothing meanwhile, as timeit does: whoever crosses the threshold would pay for everybody."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _seconds(work: Work, clock: Callable[[], float]) -> float:
    began = clock()
    for _ in range(TIMES_A_ROUND):
        work()
    return (clock() - began) / TIMES_A_ROUND


def _monitor_share() -> float:
    """Return what this process uses while nobody asks for anything: that is the monitor."""
    began, used = time.perf_counter(), time.process_time()
    time.sleep(_IDLE_SECONDS)
    return (time.process_time() - used) / (time.perf_counter() - began)


@contextmanager
def _bare_engine(url: str) -> Iterator[Engine]:
    engine = create_engine(
        url, pool_size=15, max_overflow=25, pool_pre_ping=True, connect_args={"prepare_threshold": None}
    )
    try:
        yield engine
    finally:
        engine.dispose()


def _is_on_replica(database: Database) -> bool:
    with database.get_read_session() as session:
        return bool(session.scalar(_IN_RECOVERY))
