"""A drill as one HTML file: nothing is loaded from elsewhere, and it can be mailed."""

from collections.abc import Sequence
from html import escape

from local.drill.losses import MEANING, Mode
from local.drill.runs import Drill, DrillRun, Moment, spread
from local.reports.charts import Course, latency_chart, throughput_chart
from local.reports.objectives import NOTHING, number
from local.reports.pages import document, objectives_table, table

_LEGEND = (
    "<p>Seconds from the loss, or from the request; detected: RDS begins to act. Blue: successes, red: without an "
    "answer. Below, how long they took: median (blue), slowest (amber).</p>"
)


def page(drill: Drill) -> str:
    """Return the report for people."""
    title = f"Failover drill of {drill.instance}"
    verdict = '<span class="pass">passed</span>' if drill.is_passed else '<span class="fail">failed</span>'
    parts = [
        f"<h1>{escape(title)}: {verdict}</h1>",
        f"<p>{escape(drill.environment)}, {drill.started_at:%Y-%m-%d %H:%M} UTC, {len(drill.runs)} runs.</p>",
        *(f"<p>{escape(note)}</p>" for note in drill.notes),
        "<h2>Objectives</h2>",
        objectives_table(drill.objectives),
        "<h2>Runs</h2>",
        _runs(drill),
        _modes(drill.runs),
        _spreads(drill),
        _controls(drill),
        "<h2>What happened when</h2>",
        _LEGEND,
        *(_charts(run, is_open=place == 0) for place, run in enumerate(drill.runs)),
    ]
    return document(title, parts)


def _runs(drill: Drill) -> str:
    heads = ("run", "lost by", *(f"{moment.value} s" for moment in Moment), "event→alert s", "outage s")
    rows = []
    for run in drill.runs:
        moments = [number(run.moments.get(moment)) for moment in Moment]
        last = [number(run.event_to_alert_seconds), number(run.outage_seconds), *_counts(run)]
        rows.append([str(run.number), run.mode, *moments, *last])
    return table((*heads, "acked", "lost", "in doubt (there)"), rows, numbers_from=2)


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
    return table(("seconds from the loss", "least", "median", "greatest"), rows, numbers_from=1)


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
    return told + table(("replication", "acked", "lost", "in doubt"), rows, numbers_from=1)


def course_of(run: DrillRun) -> Course:
    """Return what the charts of a run show."""
    marks = {"lost": 0.0, **{moment.value: at for moment, at in run.moments.items()}}
    return Course(f"Run {run.number}", run.slices, marks)


def _charts(run: DrillRun, *, is_open: bool) -> str:
    notes = "".join(f"<p>{escape(note)}</p>" for note in run.notes)
    course = course_of(run)
    return (
        f"<details{' open' if is_open else ''}><summary>Run {run.number}, {escape(run.mode)}, "
        f"{run.lost_at:%H:%M:%S} UTC</summary>{notes}\n{throughput_chart(course)}\n{latency_chart(course)}</details>"
    )


def _counts(run: DrillRun) -> Sequence[str]:
    if run.account is None:
        return [NOTHING, NOTHING, NOTHING]
    account = run.account
    return [str(account.acknowledged), str(account.lost), f"{account.in_doubt} ({account.in_doubt_present})"]
