"""The report of a load: the same numbers as a table, as JSON, and as a page that loads nothing from elsewhere."""

import io
import json
from pathlib import Path

from rich.console import Console

from local.load.measured import FAILOVER, POOLED
from local.load.page import page
from local.load.report import as_document, phases_table, write_json
from tests.loads import a_phase, a_report, a_round
from tests.pages import FOREIGN, Nesting


def test_table_shows_rate_times_errors_and_connections_of_each_phase() -> None:
    console = Console(file=io.StringIO(), width=200)

    console.print(phases_table(a_report()))

    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "the phase pgbench_pooled" in printed
    assert "primary 25, replica 5" in printed


def test_document_has_objectives_phases_ladders_and_the_failover(tmp_path: Path) -> None:
    write_json(a_report(), tmp_path / "load" / "report.json")

    document = json.loads((tmp_path / "load" / "report.json").read_text(encoding="utf-8"))

    assert document["passed"]
    assert document["phases"][POOLED]["throughput"] == 1000
    assert document["phases"][FAILOVER]["errors"] == {"announced TransactionOutcomeUnknown": 1}
    assert document["failover"]["lost"] == 0
    assert [rung["is_held"] for rung in document["ladders"]["package"]] == [False, True]


def test_document_says_which_objective_was_missed() -> None:
    document = as_document(a_report(a_phase(POOLED, a_round(late_seconds=0.1))))

    assert not document["passed"]
    assert [one["verdict"] for one in document["objectives"]].count("fail") == 1


def test_page_is_whole_and_loads_nothing_from_elsewhere() -> None:
    text = page(a_report())
    nesting = Nesting()

    nesting.feed(text)

    assert (nesting.open, nesting.wrong) == ([], [])
    assert not FOREIGN.search(text)
    assert {"svg", "table"} <= nesting.tags


def test_page_marks_the_failover_and_names_errors_escaped() -> None:
    phase = a_phase(FAILOVER, a_round(300, errors=("other <b>OperationalError</b>",)))

    text = page(a_report(phase))

    assert "failover asked for 0.70 s" in text
    assert "writes again 1.40 s" in text
    assert "&lt;b&gt;OperationalError" in text
