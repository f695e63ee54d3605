"""What a drill measured: tables for people, the same as JSON for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from local.drill.runs import Control, Drill, DrillRun, Moment, spread
from local.reports.files import swap_in
from local.reports.objectives import NOTHING, number

_SHOWN = (Moment.DETECTED, Moment.PROMOTED, Moment.FIRST_WRITE, Moment.REJOINED)


def runs_table(drill: Drill) -> Table:
    """Return a line for each run, and one with the medians."""
    table = Table(title=f"Failover drill of {drill.instance} ({drill.environment})", title_justify="left")
    for heading in ("Run", "Lost by", *(f"{moment} s" for moment in _SHOWN), "Event→alert s"):
        table.add_column(heading, justify="left" if heading == "Lost by" else "right")
    for heading in ("Acked", "Lost", "In doubt"):
        table.add_column(heading, justify="right")
    for run in drill.runs:
        table.add_row(*_cells(run))
    table.add_section()
    table.add_row(*_medians(drill.runs))
    for control in drill.controls:
        table.add_row(*_control_cells(control))
    return table


def as_document(drill: Drill) -> dict[str, Any]:
    """Return the drill as JSON's types, without the slices that only the charts need."""
    return {
        "version": 1,
        "environment": drill.environment,
        "instance": drill.instance,
        "started_at": _text(drill.started_at),
        "passed": drill.is_passed,
        "objectives": [asdict(objective) for objective in drill.objectives],
        "medians": {**_median_moments(drill.runs), "event_to_alert_seconds": _median(_event_to_alert(drill.runs))},
        "runs": [_run_document(run) for run in drill.runs],
        "controls": [asdict(control) | {"as_expected": control.is_as_expected} for control in drill.controls],
        "notes": list(drill.notes),
    }


def write_json(drill: Drill, path: Path) -> None:
    """Write the report for machines."""
    swap_in(json.dumps(as_document(drill), indent=2, ensure_ascii=False) + "\n", path)


def _cells(run: DrillRun) -> Sequence[str]:
    moments = [number(run.moments.get(moment)) for moment in _SHOWN]
    account = run.account
    counts = (account.acknowledged, account.lost, account.in_doubt) if account else (NOTHING, NOTHING, NOTHING)
    return [str(run.number), run.mode, *moments, number(run.event_to_alert_seconds), *map(str, counts)]


def _medians(runs: Sequence[DrillRun]) -> Sequence[str]:
    moments = [number(_median([run.moments.get(moment) for run in runs])) for moment in _SHOWN]
    accounts = [run.account for run in runs if run.account]
    sums = [sum(one.acknowledged for one in accounts), sum(one.lost for one in accounts)]
    sums.append(sum(one.in_doubt for one in accounts))
    counts = [f"Σ {each}" if accounts else NOTHING for each in sums]
    return ["", "median", *moments, number(_median(_event_to_alert(runs))), *counts]


def _control_cells(control: Control) -> Sequence[str]:
    account = control.account
    counts = (str(account.acknowledged), str(account.lost), str(account.in_doubt))
    return ["", f"control, {control.name}", *(NOTHING for _ in _SHOWN), NOTHING, *counts]


def _run_document(run: DrillRun) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(run).items() if name != "slices"}
    return {**fields, "lost_at": _text(run.lost_at)}


def _median_moments(runs: Sequence[DrillRun]) -> dict[str, float | None]:
    return {moment.value: _median([run.moments.get(moment) for run in runs]) for moment in Moment}


def _event_to_alert(runs: Sequence[DrillRun]) -> list[float | None]:
    return [run.event_to_alert_seconds for run in runs]


def _median(values: Sequence[float | None]) -> float | None:
    found = spread(values)
    return round(found[1], 3) if found else None


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
