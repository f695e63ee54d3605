"""What was measured of langpont_db: tables for people, the same as JSON for machines."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rich.table import Table

from benchmarks.first_writes import FirstWrite, median_ratio
from benchmarks.report import write_document
from benchmarks.routing import Routing
from local.drill.losses import Mode

LARGEST_OVERHEAD = 0.05
LARGEST_RATIO = 1.5
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class ApplicationReport:
    """Everything measured about the application's side.

    Args:
        measured_at: When, in UTC.
        routing: What a statement costs more than in SQLAlchemy.
        first_writes: Each loss of the primary.
    """

    measured_at: datetime
    routing: Routing
    first_writes: Sequence[FirstWrite]

    def routing_table(self) -> Table:
        """Return what is added per statement and session, in parts of a round trip."""
        title = f"langpont_db beside SQLAlchemy; its monitor takes {self.routing.monitor_share:.1%} of a processor"
        table = Table(title=title, title_justify="left")
        table.add_column("Session")
        for heading in ("Round trip us", "A statement us", "Ratio", "At most", "A session us", "Ratio"):
            table.add_column(heading, justify="right")
        for row in self.routing.overheads:
            table.add_row(
                row.name,
                f"{row.round_trip_seconds * _MICROSECONDS:,.0f}",
                f"{row.statement_seconds * _MICROSECONDS:,.1f}",
                f"{row.ratio:.1%}",
                f"{LARGEST_OVERHEAD:.0%}",
                f"{row.session_seconds * _MICROSECONDS:,.1f}",
                f"{row.session_ratio:.1%}",
            )
        return table

    def first_writes_table(self) -> Table:
        """Return each loss of the primary, with the time to the first write on both sides."""
        ratios = ", ".join(
            f"{mode.value} {median_ratio(self.first_writes, mode):.2f} x"
            for mode in (Mode.KILLED, Mode.FROZEN)
            if any(row.mode is mode for row in self.first_writes)
        )
        title = f"First write after a loss of the primary; median ratio: {ratios}; at most {LARGEST_RATIO:g} x"
        table = Table(title=title, title_justify="left")
        table.add_column("Primary")
        for heading in ("Promoted s", "Package s", "Bare s", "Ratio", "Acknowledged", "Lost", "Twice", "Unknown"):
            table.add_column(heading, justify="right")
        for row in self.first_writes:
            table.add_row(
                row.mode.value,
                f"{row.promoted_seconds:.2f}",
                f"{row.seconds:.2f}",
                f"{row.bare_seconds:.2f}",
                f"{row.seconds / row.bare_seconds:.2f} x",
                f"{row.acknowledged:,}",
                str(row.lost),
                str(row.twice),
                str(row.unknown),
            )
        return table

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        measured = {
            "routing": [asdict(row) | {"ratio": row.ratio} for row in self.routing.overheads],
            "monitor_share": self.routing.monitor_share,
            "first_writes": [asdict(row) for row in self.first_writes],
        }
        write_document(path, self.measured_at, measured)
