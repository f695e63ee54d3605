"""`python -m benchmarks`: measures, prints the ratios and writes them to build/bench."""

import sys
from datetime import UTC, datetime

from rich.console import Console

from benchmarks.calls import compare_all
from benchmarks.planning import ROOT, measure_all
from benchmarks.report import SnapshotReport

FOLDER = ROOT / "build" / "bench"
PLAIN_WIDTH = 120


def main() -> None:
    """Run every benchmark."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    report = SnapshotReport(datetime.now(UTC), compare_all(), measure_all())
    path = FOLDER / "snapshots.json"
    report.write(path)
    console.print(report.calls_table())
    console.print(report.planning_table())
    console.print(f"The same as JSON: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
