"""A load as one HTML file, with charts of every phase."""

from collections.abc import Sequence
from html import escape
from statistics import median

from local.load.figures import Phase
from local.load.ladder import Rung
from local.load.measured import FAILOVER, LoadReport
from local.load.report import HEADS, phase_cells
from local.reports.charts import Course, latency_chart, throughput_chart
from local.reports.objectives import number
from local.reports.pages import document, objectives_table, table

_LEGEND = (
    "<p>Seconds of the phase, its rounds one after the other; between them the other phases ran. Blue: transactions "
    "that succeeded in each span, red: those that did not. Below, how long they took: median (blue), slowest (amber)."
    "</p>"
)


def page(report: LoadReport) -> str:
    """Return the report for people."""
    verdict = '<span class="pass">passed</span>' if report.is_passed else '<span class="fail">failed</span>'
    parts = [
        f"<h1>Load: {verdict}</h1>",
        f"<p>{report.started_at:%Y-%m-%d %H:%M} UTC, {report.seconds:g} s, PgBouncer {escape(report.pgbouncer)}.</p>",
        *(f"<p>{escape(note)}</p>" for note in report.notes),
        "<h2>Objectives</h2>",
        objectives_table(report.objectives),
        "<h2>Phases</h2>",
        table(("", *HEADS), [[escape(one.title), *phase_cells(one)] for one in report.phases.values()], numbers_from=1),
        *(_errors(phase) for phase in report.phases.values()),
        "<h2>How the rates were found</h2>",
        *(_ladder(report.phases[name], rungs) for name, rungs in report.ladders.items()),
        "<h2>Flat out</h2>",
        _flat_out(report),
        "<h2>Over time</h2>",
        _LEGEND,
        *(_charts(phase, report) for phase in report.phases.values()),
    ]
    return document("Load", parts)


def _errors(phase: Phase) -> str:
    rows = [[escape(error), str(count)] for error, count in sorted(phase.figures.errors.items())]
    return table((f"errors: {escape(phase.title)}", "count"), rows, numbers_from=1) if rows else ""


def _ladder(phase: Phase, rungs: Sequence[Rung]) -> str:
    rows = [
        [f"{one.rate:.0f}", f"{one.throughput:.0f}", number(one.mean_ms, 1), "held" if one.is_held else "not held"]
        for one in rungs
    ]
    return f"<h3>{escape(phase.title)}</h3>" + table(("offered/s", "done/s", "mean ms", ""), rows, numbers_from=0)


def _flat_out(report: LoadReport) -> str:
    told = "<p>Transactions a second without a pause between them; the clients took turns.</p>"
    rows = [
        [escape(report.phases[name].title), *(f"{rate:.0f}" for rate in rates), f"{median(rates):.0f}"]
        for name, rates in report.flat_out.items()
    ]
    turns = max(map(len, report.flat_out.values()), default=0)
    return told + table(("", *(f"turn {number}" for number in range(1, turns + 1)), "median"), rows, numbers_from=1)


def _charts(phase: Phase, report: LoadReport) -> str:
    spans, marks = phase.course()
    if phase.name == FAILOVER:
        marks |= {"failover asked for": report.lost_at}
        if report.outage.recovery_seconds is not None:
            marks |= {"writes again": report.lost_at + report.outage.recovery_seconds}
    course = Course(phase.title, spans, marks)
    return f"<h3>{escape(phase.title)}</h3>\n{throughput_chart(course)}\n{latency_chart(course)}"
