"""`python -m benchmarks`: measures, prints the ratios and writes them to build/bench."""

import json
import sys
from datetime import UTC, datetime

from rich.console import Console

from benchmarks.calls import compare_all
from benchmarks.planning import ROOT, measure_all
from benchmarks.reactions import measure_reactions, reactions_document, reactions_table
from benchmarks.report import SnapshotReport
from local.checkout import Checkout
from local.lifecycle import one_at_a_time

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
    _measure_reactions(console)


def _measure_reactions(console: Console) -> None:
    checkout, path = Checkout.of_drill(), FOLDER / "reactions.json"
    with one_at_a_time(checkout.lock):
        measured = measure_reactions(checkout)
    path.write_text(json.dumps(reactions_document(measured), indent=2) + "\n", encoding="utf-8")
    console.print(reactions_table(measured))
    console.print(f"The same as JSON: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
