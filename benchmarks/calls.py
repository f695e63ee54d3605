"""Counts the RDS calls of one expiry run, and of the baseline's on the same snapshots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import process_time

from benchmarks.baseline import PerSnapshotTagReading
from benchmarks.rds import CountingRds
from benchmarks.worlds import INSTANCE, NOW, OWNERSHIP, PREFIX, RETENTION, snapshots_made_at_once, sparing_policy
from rds_operations.adapters.rds_snapshots import RdsSnapshotStore
from rds_operations.domain.snapshots import Snapshot
from rds_operations.usecases.expire_snapshots import expire_snapshots

SIZES = (1, 50, 500, 5_000)
RUNS = 3

type Expire = Callable[[CountingRds, int], int]


@dataclass(frozen=True, slots=True)
class ExpiryRun:
    """One run.

    Args:
        calls: How many calls of RDS it took.
        deleted: How many snapshots went.
        seconds: Its processor time, without the network; the shortest of three runs.
    """

    calls: int
    deleted: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The kit and the baseline on the same snapshots, which are the account's only ones."""

    snapshots: int
    are_due: bool
    kit: ExpiryRun
    baseline: ExpiryRun

    @property
    def calls_ratio(self) -> float:
        """Return how many calls the baseline makes for each of the kit's."""
        return self.baseline.calls / self.kit.calls

    @property
    def seconds_ratio(self) -> float:
        """Return how many seconds the baseline takes for each of the kit's."""
        return self.baseline.seconds / self.kit.seconds


def compare_all() -> list[Comparison]:
    """Return a comparison for each size, with none and with all due."""
    return [compare(size, are_due=are_due) for are_due in (False, True) for size in SIZES]


def compare(count: int, *, are_due: bool) -> Comparison:
    """Let the kit and the baseline expire the same snapshots, each in an RDS of its own."""
    snapshots = snapshots_made_at_once(count, are_due=are_due)
    return Comparison(count, are_due, _measured(_expire, snapshots), _measured(_expire_by_baseline, snapshots))


def _measured(expire: Expire, snapshots: Sequence[Snapshot]) -> ExpiryRun:
    """Return the quickest of some runs; they differ in nothing else."""
    return min((_run(expire, snapshots) for _ in range(RUNS)), key=lambda run: run.seconds)


def _run(expire: Expire, snapshots: Sequence[Snapshot]) -> ExpiryRun:
    rds = CountingRds(snapshots)
    began = process_time()
    deleted = expire(rds, len(snapshots))
    return ExpiryRun(rds.count, deleted, process_time() - began)


def _expire(rds: CountingRds, count: int) -> int:
    report = expire_snapshots(
        store=RdsSnapshotStore(rds.client),
        clock=_StandingClock(),
        ownership=OWNERSHIP,
        prefix=PREFIX,
        policy=sparing_policy(count),
        dry_run=False,
    )
    return len(report.deletions)


def _expire_by_baseline(rds: CountingRds, _: int) -> int:
    return len(PerSnapshotTagReading(rds.client, INSTANCE, OWNERSHIP.tags()).expire(NOW - RETENTION))


class _StandingClock:
    def now(self) -> datetime:
        return NOW
