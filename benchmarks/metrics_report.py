"""What was measured about metrics, cold starts and packages: tables for people, the same as JSON for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rich.table import Table

from benchmarks import cold_starts
from benchmarks.cold_starts import ColdStart
from benchmarks.metric_runs import MetricRuns
from benchmarks.packages import Package
from benchmarks.report import machine

MOST_OF_PSQL = 1.30
MOST_AWS_CALLS = 0
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MetricsReport:
    """Everything measured about metrics, cold starts and packages.

    Args:
        measured_at: When, in UTC.
        runs: A warm run beside psql.
        starts: The cold start of each function.
        packages: The size of each function and layer.
    """

    measured_at: datetime
    runs: MetricRuns
    starts: Sequence[ColdStart]
    packages: Sequence[Package]

    def runs_table(self) -> Table:
        """Return the time of a warm run beside psql's."""
        table = Table(title="One warm run of push_metrics; baseline: psql, one session", title_justify="left")
        for heading in ("Queries", "ms", "Baseline", "Ratio", "At most", "AWS calls", "At most"):
            table.add_column(heading, justify="right")
        runs = self.runs
        milliseconds = (f"{runs.seconds * 1000:,.1f}", f"{runs.psql_seconds * 1000:,.1f}")
        ratios = (f"{runs.ratio:.2f} x", f"{MOST_OF_PSQL:.2f} x")
        table.add_row(str(runs.queries), *milliseconds, *ratios, str(runs.aws_calls), str(MOST_AWS_CALLS))
        return table

    def starts_table(self) -> Table:
        """Return processor time of imports, settings and clients, beside the baseline's."""
        table = Table(title=f"Cold starts; baseline: {cold_starts.BASELINE}", title_justify="left")
        table.add_column("Function")
        for heading in ("CPU ms", "Baseline", "Ratio", "At most", "Without bytecode", "Ratio"):
            table.add_column(heading, justify="right")
        for start in self.starts:
            table.add_row(
                start.function,
                f"{start.seconds * 1000:,.0f}",
                f"{start.baseline_seconds * 1000:,.0f}",
                f"{start.ratio:.2f} x",
                f"{start.target:.2f} x",
                f"{start.source_seconds * 1000:,.0f}",
                f"{start.source_ratio:.2f} x",
            )
        return table

    def packages_table(self) -> Table:
        """Return sizes."""
        table = Table(title="Packages", title_justify="left")
        table.add_column("Package")
        for heading in ("MiB packed", "MiB unpacked"):
            table.add_column(heading, justify="right")
        for package in self.packages:
            table.add_row(package.name, f"{package.packed / _MIB:,.3f}", f"{package.unpacked / _MIB:,.3f}")
        return table

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        document = {
            "version": 1,
            "measured_at": self.measured_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "machine": machine(),
            "warm_run": asdict(self.runs) | {"ratio": self.runs.ratio, "target": MOST_OF_PSQL},
            "cold_starts": [
                asdict(start) | {"ratio": start.ratio, "source_ratio": start.source_ratio, "target": start.target}
                for start in self.starts
            ],
            "packages": [asdict(package) for package in self.packages],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
