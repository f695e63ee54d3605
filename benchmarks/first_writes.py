"""Times the first write after the loss of a primary: through langpont_db, beside writers that just connect again.

Both write at the same time through the same failover. The baseline is the drill's (local/drill/writers.py): a thread
with a connection of its own, which is made anew 20 ms after it was lost. A frozen primary is fenced once it was asked
in vain, as RDS does; until then its connections say nothing.
"""

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.application import application_cluster, connect, variables_of
from langpont_db import Database, TransactionOutcomeUnknown
from local.drill.losses import Mode, freeze, kill
from local.drill.writers import THREADS, DrillWriters
from local.drill.writes import first_acknowledged
from local.postgres.cluster import Cluster
from local.reports.attempts import Attempt
from local.waiting import wait_until

RUNS = 3
WRITES_AROUND = 100
_DEADLINE_SECONDS = 120.0
_TABLE = "public.package_writes"
_INSERT = text(f"INSERT INTO {_TABLE} VALUES (:writer, :number)")  # noqa: S608 (constant)
_LOSSES: dict[Mode, Callable[[Cluster], float]] = {Mode.KILLED: kill, Mode.FROZEN: freeze}


@dataclass(frozen=True, slots=True)
class FirstWrite:
    """One loss of the primary.

    Args:
        mode: How it was lost.
        seconds: From the loss to the package's first acknowledged write.
        bare_seconds: The same of bare reconnecting.
        promoted_seconds: From the loss to the moment at which a primary was there again.
        acknowledged: Writes of the package that were acknowledged.
        unknown: Its writes whose outcome was said to be unknown.
        lost: Acknowledged ones that are not there.
        twice: Writes that are there more than once.
    """

    mode: Mode
    seconds: float
    bare_seconds: float
    promoted_seconds: float
    acknowledged: int
    unknown: int
    lost: int
    twice: int


def measure_first_writes(scratch: Path, runs: int = RUNS) -> list[FirstWrite]:
    """Return a measurement of each loss, on a cluster that is started for it and stopped afterwards.

    Args:
        scratch: An empty folder.
        runs: How often the primary is lost in each way, in turn.
    """
    with application_cluster(scratch) as cluster:
        return [_measured(cluster, mode) for _ in range(runs) for mode in _LOSSES]


def median_ratio(rows: Collection[FirstWrite], mode: Mode) -> float:
    """Return how many times bare reconnecting's time the package takes: the median over the losses of one kind."""
    return statistics.median(row.seconds / row.bare_seconds for row in rows if row.mode is mode)


def _measured(cluster: Cluster, mode: Mode) -> FirstWrite:
    with connect(cluster) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {_TABLE}".encode())
        # No key: a second application would be there to be counted.
        connection.execute(f"CREATE TABLE {_TABLE} (writer int, number bigint)".encode())
    package, bare = _PackageWriters(), DrillWriters(lambda: connect(cluster))
    with closing(Database.from_env(variables_of(cluster))) as database, bare, package.writing(database):
        bare.wait_for_further(WRITES_AROUND)
        package.wait_for_further(WRITES_AROUND)
        lost_at = _LOSSES[mode](cluster)
        failover = cluster.fail_over()
        bare.wait_for_further(WRITES_AROUND)
        package.wait_for_further(WRITES_AROUND)
    bare.present()
    promoted_at = failover.promoted_at.timestamp()
    found = package.account(cluster)
    cluster.rebuild_standby()
    return FirstWrite(
        mode,
        seconds=_first(package.attempts, promoted_at) - lost_at,
        bare_seconds=_first(bare.attempts, promoted_at) - lost_at,
        promoted_seconds=promoted_at - lost_at,
        acknowledged=sum(attempt.acknowledged for attempt in package.attempts),
        unknown=sum(not attempt.acknowledged for attempt in package.attempts),
        lost=sum(attempt.acknowledged and attempt.key not in found for attempt in package.attempts),
        twice=sum(times > 1 for times in found.values()),
    )


def _first(attempts: list[Attempt], after: float) -> float:
    first = first_acknowledged(attempts, after)
    if first is None:
        raise AssertionError("the writers were waited for, and wrote nothing")
    return first


class _PackageWriters:
    """As many threads as the baseline has, which share one Database."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self._stop = threading.Event()

    @contextmanager
    def writing(self, database: Database) -> Iterator[None]:
        """Write for as long as the `with` lasts."""
        threads = [
            threading.Thread(target=self._write, args=(database, number), daemon=True) for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(_DEADLINE_SECONDS)

    def wait_for_further(self, writes: int) -> None:
        """Wait until so many more writes are acknowledged."""
        before = self._acknowledged()
        wait_until(
            f"{writes} further acknowledged writes of the package",
            lambda: self._acknowledged() >= before + writes,
            deadline_seconds=_DEADLINE_SECONDS,
        )

    def account(self, cluster: Cluster) -> dict[tuple[int, int], int]:
        """Return how often each key is in the table."""
        query = f"SELECT writer, number, count(*) FROM {_TABLE} GROUP BY writer, number"  # noqa: S608 (constant)
        with connect(cluster) as connection:
            rows = connection.execute(query.encode()).fetchall()
        return {(int(str(writer)), int(str(number))): int(str(times)) for writer, number, times in rows}

    def _acknowledged(self) -> int:
        return sum(attempt.acknowledged for attempt in tuple(self.attempts))

    def _write(self, database: Database, writer: int) -> None:
        for number in itertools.count():
            if self._stop.is_set():
                return
            began, acknowledged = time.time(), True
            try:
                database.run_in_transaction(partial(_insert, writer=writer, number=number))
            except TransactionOutcomeUnknown:
                acknowledged = False
            self.attempts.append(Attempt((writer, number), began, time.time(), acknowledged))


def _insert(session: Session, *, writer: int, number: int) -> None:
    session.execute(_INSERT, {"writer": writer, "number": number})
