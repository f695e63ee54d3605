"""A drill as one HTML file: nothing is loaded from elsewhere, and it can be mailed."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from local.drill.charts import latency_chart, throughput_chart
from local.drill.losses import MEANING, Mode
from local.drill.report import NOTHING, number
from local.drill.runs import Drill, DrillRun, Moment, spread

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; background: #fff; max-width: 1000px; margin: 2rem auto;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .3rem .7rem; border-bottom: 1px solid #d6dde5; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.pass { color: #11713a; font-weight: 600; } .fail { color: #b3261e; font-weight: 600; } .not { color: #805b00; }
svg { width: 100%; height: auto; margin: .3rem 0 1rem; } svg text { font: 11px system-ui, sans-serif; fill: #48566a; }
.good { fill: #4c8dd6; } .bad { fill: #d6473c; } .axis { stroke: #9aa7b6; } line.mark { stroke: #9aa7b6;
  stroke-dasharray: 3 3; } polyline { fill: none; stroke-width: 1.5; } .slowest { stroke: #e3a23a; }
.median { stroke: #4c8dd6; } details { margin: .5rem 0; } summary { cursor: pointer; }
"""
_LEGEND = (
    "<p>Seconds from the loss, or from the request; detected: RDS begins to act. Blue: successes, red: without an "
    "answer. Below, how long they took: median (blue), slowest (amber).</p>"
)


def write_page(drill: Drill, path: Path) -> None:
    """Write the report for people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(drill), encoding="utf-8")


def page(drill: Drill) -> str:
    """Return the report for people."""
    title = f"Failover drill of {drill.instance}"
    verdict = '<span class="pass">passed</span>' if drill.is_passed else '<span class="fail">failed</span>'
    parts = [
        f"<h1>{escape(title)}: {verdict}</h1>",
        f"<p>{escape(drill.environment)}, {drill.started_at:%Y-%m-%d %H:%M} UTC, {len(drill.runs)} runs.</p>",
        *(f"<p>{escape(note)}</p>" for note in drill.notes),
        "<h2>Objectives</h2>",
        _objectives(drill),
        "<h2>Runs</h2>",
        _runs(drill),
        _modes(drill.runs),
        _spreads(drill),
        _controls(drill),
        "<h2>What happened when</h2>",
        _LEGEND,
        *(_charts(run, is_open=place == 0) for place, run in enumerate(drill.runs)),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _objectives(drill: Drill) -> str:
    rows = [
        [one.identifier, one.promise, one.measured, f'<span class="{one.verdict.split()[0]}">{one.verdict}</span>']
        for one in drill.objectives
    ]
    safe = [[*map(escape, row[:3]), row[3]] for row in rows]
    return _table(("", "promised", "measured", "verdict"), safe, numbers_from=9)


def _runs(drill: Drill) -> str:
    heads = ("run", "lost by", *(f"{moment.value} s" for moment in Moment), "event→alert s", "outage s")
    rows = []
    for run in drill.runs:
        moments = [number(run.moments.get(moment)) for moment in Moment]
        last = [number(run.event_to_alert_seconds), number(run.outage_seconds), *_counts(run)]
        rows.append([str(run.number), run.mode, *moments, *last])
    return _table((*heads, "acked", "lost", "in doubt (there)"), rows, numbers_from=2)


def _modes(runs: Sequence[DrillRun]) -> str:
    used = [mode for mode in Mode if mode.value in {run.mode for run in runs}]
    return "".join(f"<p><b>{mode.value}</b>: {escape(MEANING[mode])}.</p>" for mode in used)


def _spreads(drill: Drill) -> str:
    measured = {moment.value: [run.moments.get(moment) for run in drill.runs] for moment in Moment}
    measured["event → alert"] = [run.event_to_alert_seconds for run in drill.runs]
    rows = [
        [escape(name), *(number(value) for value in found)]
        for name, values in measured.items()
        if (found := spread(values))
    ]
    return _table(("seconds from the loss", "least", "median", "greatest"), rows, numbers_from=1)


def _controls(drill: Drill) -> str:
    if not drill.controls:
        return ""
    rows = [
        [one.name, *map(str, (one.account.acknowledged, one.account.lost, one.account.in_doubt))]
        for one in drill.controls
    ]
    told = (
        "<h2>Control</h2><p>The standby is held back, then the primary is killed. Where commits wait for the standby "
        "nothing may be lost; where they do not, the counting has to find what is.</p>"
    )
    return told + _table(("replication", "acked", "lost", "in doubt"), rows, numbers_from=1)


def _charts(run: DrillRun, *, is_open: bool) -> str:
    notes = "".join(f"<p>{escape(note)}</p>" for note in run.notes)
    return (
        f"<details{' open' if is_open else ''}><summary>Run {run.number}, {escape(run.mode)}, "
        f"{run.lost_at:%H:%M:%S} UTC</summary>{notes}\n{throughput_chart(run)}\n{latency_chart(run)}</details>"
    )


def _counts(run: DrillRun) -> Sequence[str]:
    if run.account is None:
        return [NOTHING, NOTHING, NOTHING]
    account = run.account
    return [str(account.acknowledged), str(account.lost), f"{account.in_doubt} ({account.in_doubt_present})"]


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]], *, numbers_from: int) -> str:
    def row(cells: Iterable[str], kind: str) -> str:
        inner = "".join(
            f'<{kind} class="n">{cell}</{kind}>' if place >= numbers_from else f"<{kind}>{cell}</{kind}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{inner}</tr>"

    return f"<table>{row(heads, 'th')}{''.join(row(cells, 'td') for cells in rows)}</table>"
