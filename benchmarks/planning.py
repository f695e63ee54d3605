"""Times `decide_expiry` alone, each size and order in a process of its own, so that its memory is its own.

`python -m benchmarks.planning <number of snapshots> <order>` prints one measurement as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time

from benchmarks.worlds import NOW, OWNERSHIP, PREFIX, Order, full_policy, snapshots_of_every_hour
from rds_operations.domain.snapshot_expiry import ExpiryPlan, decide_expiry
from rds_operations.domain.snapshots import Snapshot

LARGEST = 1_000_000
MEASURED = (
    *((size, Order.SCATTERED) for size in (1_000, 10_000, 100_000, LARGEST)),
    (LARGEST, Order.NEWEST_FIRST),
)
RUNS = 3

ROOT = Path(__file__).resolve().parents[1]

_KIB = 1024


@dataclass(frozen=True, slots=True)
class Planning:
    """One size in one order.

    Args:
        snapshots: How many were decided about.
        order: In what order they were listed.
        seconds: The processor time of the decisions, the shortest of three runs.
        sentences_seconds: The same of putting the reason of every decision into words.
        peak_bytes: The most memory that the process held, its input included.
        added_bytes: How much of it came with the planning.
    """

    snapshots: int
    order: str
    seconds: float
    sentences_seconds: float
    peak_bytes: int
    added_bytes: int


def measure_all(measured: Sequence[tuple[int, Order]] = MEASURED) -> list[Planning]:
    """Return a measurement for each size and order."""
    return [_measured_apart(count, order) for count, order in measured]


def measure(count: int, order: Order) -> Planning:
    """Return one measurement, of a process that has done nothing else."""
    snapshots = snapshots_of_every_hour(count, order)
    before = _peak_bytes()
    timings = [_timed(snapshots)]
    peak = _peak_bytes()
    timings += [_timed(snapshots) for _ in range(RUNS - 1)]
    seconds, sentences_seconds = (min(column) for column in zip(*timings, strict=True))
    return Planning(count, order, seconds, sentences_seconds, peak, peak - before)


def _measured_apart(count: int, order: Order) -> Planning:
    command = [sys.executable, "-m", "benchmarks.planning", str(count), order]
    finished = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Planning(**json.loads(finished.stdout))


def _timed(snapshots: list[Snapshot]) -> tuple[float, float]:
    """Return the seconds for the decisions and for their reasons in words."""
    began = process_time()
    plan = _plan(snapshots)
    planned = process_time()
    in_words = sum(1 for decision in plan.decisions if decision.reason)
    ended = process_time()
    if in_words != len(snapshots):
        raise AssertionError(f"{in_words} decisions with a reason were made about {len(snapshots)} snapshots")
    return planned - began, ended - planned


def _plan(snapshots: list[Snapshot]) -> ExpiryPlan:
    return decide_expiry(snapshots, ownership=OWNERSHIP, prefix=PREFIX, policy=full_policy(), now=NOW)


def _peak_bytes() -> int:
    """Return the peak of this process alone; `ru_maxrss` begins with the parent's (Linux, getrusage(2) across exec)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * _KIB
    raise AssertionError("/proc/self/status has no VmHWM")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure(int(sys.argv[1]), Order(sys.argv[2])))))
