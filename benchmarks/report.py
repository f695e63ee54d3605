"""What was measured: tables for people, the same as JSON for machines."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rich.table import Table

from benchmarks import baseline
from benchmarks.calls import Comparison
from benchmarks.planning import Planning

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """Everything measured about snapshots.

    Args:
        measured_at: When, in UTC.
        comparisons: Calls and time beside the baseline.
        plannings: Planning alone, the smallest size first.
    """

    measured_at: datetime
    comparisons: Sequence[Comparison]
    plannings: Sequence[Planning]

    def calls_table(self) -> Table:
        """Return calls, and processor time without the network, of one run and of the baseline's."""
        table = Table(title=f"One expiry run; baseline: {baseline.NAME}", title_justify="left")
        headings = ("Snapshots", "Due", "RDS calls", "Baseline", "Ratio", "CPU ms", "Baseline", "Ratio")
        for heading in headings:
            table.add_column(heading, justify="right")
        for row in self.comparisons:
            table.add_row(
                f"{row.snapshots:,}",
                "all" if row.are_due else "none",
                f"{row.kit.calls:,}",
                f"{row.baseline.calls:,}",
                f"{row.calls_ratio:,.1f} x",
                f"{row.kit.seconds * 1000:,.1f}",
                f"{row.baseline.seconds * 1000:,.1f}",
                f"{row.seconds_ratio:,.1f} x",
            )
        return table

    def planning_table(self) -> Table:
        """Return time and memory of planning alone, as multiples of the smallest size's."""
        first = self.plannings[0]
        table = Table(title=f"Planning alone; ratios to {first.snapshots:,} snapshots", title_justify="left")
        for heading in (
            "Snapshots",
            "Order",
            "Ratio",
            "CPU ms",
            "Ratio",
            "Each us",
            "Reasons ms",
            "Peak MiB",
            "by planning",
        ):
            table.add_column(heading, justify="right")
        for row in self.plannings:
            table.add_row(
                f"{row.snapshots:,}",
                row.order,
                f"{row.snapshots / first.snapshots:,.0f} x",
                f"{row.seconds * 1000:,.1f}",
                f"{row.seconds / first.seconds:,.1f} x",
                f"{row.seconds / row.snapshots * 1_000_000:.2f}",
                f"{row.sentences_seconds * 1000:,.1f}",
                f"{row.peak_bytes / _MIB:,.0f}",
                f"{row.added_bytes / _MIB:,.0f}",
            )
        return table

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        first = self.plannings[0]
        measured = {
            "baseline": baseline.NAME,
            "expiry_runs": [
                asdict(row) | {"calls_ratio": row.calls_ratio, "seconds_ratio": row.seconds_ratio}
                for row in self.comparisons
            ],
            "planning": [asdict(row) | {"seconds_ratio": row.seconds / first.seconds} for row in self.plannings],
        }
        write_document(path, self.measured_at, measured)


def write_document(path: Path, measured_at: datetime, measured: Mapping[str, object]) -> None:
    """Write what was measured as JSON, with when and where.

    Args:
        path: The file; its folder is made.
        measured_at: When, in UTC.
        measured: The figures.
    """
    document = {
        "version": 1,
        "measured_at": measured_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "machine": machine(),
        **measured,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """Return where it was measured."""
    return {"python": platform.python_version(), "architecture": platform.machine(), "cpus": os.cpu_count()}
