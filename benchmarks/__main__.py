"""`python -m benchmarks [parts]`: measures all or some parts, prints the ratios and writes them to build/bench."""

import json
import logging
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.application_report import ApplicationReport
from benchmarks.calls import compare_all
from benchmarks.cold_starts import measure_cold_starts
from benchmarks.first_writes import measure_first_writes
from benchmarks.metric_runs import measure_metric_runs
from benchmarks.metrics_report import MetricsReport
from benchmarks.packages import measure_packages
from benchmarks.planning import ROOT, measure_all
from benchmarks.reactions import measure_reactions, reactions_document, reactions_table
from benchmarks.report import SnapshotReport
from benchmarks.routing import measure_routing
from local import deployment
from local.checkout import Checkout
from local.lifecycle import one_at_a_time

FOLDER = ROOT / "build" / "bench"
PLAIN_WIDTH = 120


def main(parts: list[str]) -> None:
    """Run the benchmarks of the parts, or all."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    for name, measure in _PARTS.items():
        if not parts or name in parts:
            measure(console)
            console.print(f"The same as JSON: {_path(name).relative_to(ROOT)}")


def _measure_snapshots(console: Console) -> None:
    report = SnapshotReport(datetime.now(UTC), compare_all(), measure_all())
    report.write(_path("snapshots"))
    console.print(report.calls_table())
    console.print(report.planning_table())


def _measure_metrics(console: Console) -> None:
    checkout = Checkout.here()
    deployment.build(checkout)
    build = checkout.root / ".aws-sam" / "build"
    with tempfile.TemporaryDirectory() as folder:
        runs = measure_metric_runs(Path(folder))
        starts = measure_cold_starts(build, checkout.lambda_python, Path(folder))
    report = MetricsReport(datetime.now(UTC), runs, starts, measure_packages(build))
    report.write(_path("metrics"))
    console.print(report.runs_table(), report.starts_table(), report.packages_table())


def _measure_reactions(console: Console) -> None:
    checkout = Checkout.of_drill()
    with one_at_a_time(checkout.lock):
        measured = measure_reactions(checkout)
    _path("reactions").write_text(json.dumps(reactions_document(measured), indent=2) + "\n", encoding="utf-8")
    console.print(reactions_table(measured))


def _measure_application(console: Console) -> None:
    # What it tells of the losses below is no trouble of this run.
    logging.getLogger("langpont_db").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        routing = measure_routing(Path(folder) / "routing")
        first_writes = measure_first_writes(Path(folder) / "first_writes")
    report = ApplicationReport(datetime.now(UTC), routing, first_writes)
    report.write(_path("application"))
    console.print(report.routing_table(), report.first_writes_table())


_PARTS = {
    "snapshots": _measure_snapshots,
    "metrics": _measure_metrics,
    "reactions": _measure_reactions,
    "application": _measure_application,
}


def _path(name: str) -> Path:
    return FOLDER / f"{name}.json"


if __name__ == "__main__":
    main(sys.argv[1:])
