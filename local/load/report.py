"""What a load measured: tables for people, the same as JSON for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from local.load.figures import Figures, Phase
from local.load.measured import LoadReport
from local.reports.files import swap_in
from local.reports.objectives import NOTHING, number

HEADS = ("Clients", "Offered/s", "Done/s", "Mean ms", "p50 ms", "p95 ms", "p99 ms", "Errors", "Server connections")


def phases_table(report: LoadReport) -> Table:
    """Return a line for each phase."""
    table = Table(title=f"Load of {report.seconds:g} s a phase, PgBouncer {report.pgbouncer}", title_justify="left")
    table.add_column("Phase")
    for heading in HEADS:
        table.add_column(heading, justify="right")
    for phase in report.phases.values():
        table.add_row(phase.title, *phase_cells(phase))
    return table


def phase_cells(phase: Phase) -> Sequence[str]:
    """Return the numbers of a phase, in the order of the headings."""
    found = phase.figures
    times = (found.mean_ms, found.p50_ms, found.p95_ms, found.p99_ms)
    return [
        str(phase.clients),
        f"{phase.offered:.0f}",
        f"{found.throughput:.0f}",
        *(number(each, 1) for each in times),
        str(found.error_count),
        connections(found),
    ]


def connections(found: Figures) -> str:
    """Return the most connections of each server in words."""
    return ", ".join(f"{server} {count}" for server, count in sorted(found.connections.items())) or NOTHING


def as_document(report: LoadReport) -> dict[str, Any]:
    """Return the load as JSON's types, without the single transactions."""
    return {
        "version": 1,
        "started_at": report.started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": report.seconds,
        "pgbouncer": report.pgbouncer,
        "passed": report.is_passed,
        "objectives": [asdict(objective) for objective in report.objectives],
        "phases": {name: _phase_document(phase) for name, phase in report.phases.items()},
        "ladders": {name: [asdict(rung) for rung in rungs] for name, rungs in report.ladders.items()},
        "flat_out": {name: list(rates) for name, rates in report.flat_out.items()},
        "failover": asdict(report.outage),
        "notes": list(report.notes),
    }


def write_json(report: LoadReport, path: Path) -> None:
    """Write the report for machines."""
    swap_in(json.dumps(as_document(report), indent=2, ensure_ascii=False) + "\n", path)


def _phase_document(phase: Phase) -> dict[str, Any]:
    described = {"title": phase.title, "clients": phase.clients, "offered": phase.offered, "rounds": len(phase.rounds)}
    return {**described, **asdict(phase.figures)}
