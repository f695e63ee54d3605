"""The report of a drill: the same numbers as a table, as JSON, and as a page that loads nothing from elsewhere."""

import io
import itertools
import json
import re
from pathlib import Path

from rich.console import Console

from local.drill.page import course_of, page
from local.drill.report import as_document, runs_table, write_json
from local.reports.attempts import Slice
from local.reports.charts import Course, latency_chart, throughput_chart
from local.reports.objectives import objectives_table
from tests.drills import a_drill, a_run
from tests.pages import FOREIGN, Nesting


def _printed(*tables: object) -> str:
    console = Console(file=io.StringIO(), width=160)
    for table in tables:
        console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_tables_show_runs_medians_control_and_verdicts() -> None:
    drill = a_drill(a_run(1, first_write=0.5), a_run(2, first_write=0.9), a_run(3, first_write=0.6))

    printed = _printed(runs_table(drill), objectives_table(drill.objectives))

    assert "median" in printed
    assert "0.60" in printed
    assert "Σ 2700" in printed
    assert "control, asynchronous" in printed
    assert printed.count("pass") == 4


def test_json_holds_verdicts_medians_runs_and_controls(tmp_path: Path) -> None:
    path = tmp_path / "drill" / "report.json"

    write_json(a_drill(a_run(1), a_run(2)), path)

    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["passed"] is True
    assert [(one["identifier"], one["verdict"]) for one in document["objectives"]][2] == ("O2", "pass")
    assert document["medians"]["first write"] == 0.6
    assert document["runs"][0]["lost_at"] == "2026-11-26T03:00:00.000Z"
    assert document["runs"][0]["account"]["lost"] == 0
    assert document["controls"][0] == {
        "replication": "asynchronous",
        "writer": "application",
        "account": {"acknowledged": 600, "lost": 200, "in_doubt_present": 0, "in_doubt_absent": 4},
        "as_expected": True,
    }


def test_failed_drill_says_so_everywhere() -> None:
    drill = a_drill(a_run(lost=2))

    assert as_document(drill)["passed"] is False
    assert 'class="fail">failed' in page(drill)
    assert "fail" in _printed(objectives_table(drill.objectives))


def test_page_is_complete_in_itself_and_well_formed() -> None:
    text = page(a_drill(a_run(1), a_run(2)))
    nesting = Nesting()
    nesting.feed(text)

    assert not FOREIGN.search(text)
    assert "script" not in nesting.tags
    assert (nesting.open, nesting.wrong) == ([], [])
    assert text.count("<svg") == 4


def test_page_escapes_what_it_was_told() -> None:
    assert "<b>db</b>" not in page(a_drill(a_run(), instance="<b>db</b>"))


def test_chart_of_successes_shows_failures_and_every_moment_in_view() -> None:
    chart = throughput_chart(course_of(a_run()))

    assert chart.count('class="good"') == 3
    assert chart.count('class="bad"') == 1
    assert "lost</text>" in chart
    assert "detected 0.30 s</text>" in chart
    assert "promoted" not in chart


def test_chart_of_latency_has_a_gap_where_nothing_succeeded() -> None:
    chart = latency_chart(course_of(a_run()))

    assert chart.count('class="slowest"') == 2
    assert chart.count('class="median"') == 2


def test_run_without_spans_still_makes_charts() -> None:
    run = a_run()
    empty = type(run)(run.number, run.mode, run.lost_at, run.moments, run.account, 0.0, None)

    assert throughput_chart(course_of(empty)).startswith("<svg")
    assert latency_chart(course_of(empty)).endswith("</svg>")


def test_words_of_marks_that_are_close_do_not_overlap() -> None:
    spans = tuple(Slice(number / 20, 1, 0, 1.0, 1.0) for number in range(600))
    marks = {
        "lost": 0.0,
        "detected": 0.72,
        "promoted": 1.33,
        "endpoint moved": 1.42,
        "first write": 1.56,
        "event": 2.29,
    }

    chart = throughput_chart(Course("Run 1", spans, marks))

    found = re.findall(r'<text class="mark" x="([0-9.]+)" y="(\d+)" text-anchor="start">([^<]+)<', chart)
    assert len(found) == len(marks)
    for (x, y, words), (next_x, next_y, _) in itertools.combinations(found, 2):
        assert y != next_y or float(next_x) - float(x) > 5 * len(words)
