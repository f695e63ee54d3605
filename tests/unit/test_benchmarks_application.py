"""What langpont_db costs is told as parts of a round trip, and its first write beside bare reconnecting."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.application_report import ApplicationReport
from benchmarks.first_writes import FirstWrite, median_ratio
from benchmarks.routing import Overhead, Routing
from local.drill.losses import Mode


def _first_write(mode: Mode, seconds: float) -> FirstWrite:
    return FirstWrite(
        mode,
        seconds=seconds,
        bare_seconds=2.0,
        promoted_seconds=1.0,
        acknowledged=1234,
        unknown=3,
        lost=0,
        twice=0,
    )


REPORT = ApplicationReport(
    datetime(2026, 11, 29, 16, tzinfo=UTC),
    Routing(
        (Overhead("read session", statement_seconds=2e-6, session_seconds=20e-6, round_trip_seconds=80e-6),),
        monitor_share=0.007,
    ),
    [_first_write(mode, seconds) for seconds in (2.0, 2.4, 9.0) for mode in (Mode.KILLED, Mode.FROZEN)],
)


def test_statement_and_session_are_told_in_round_trips() -> None:
    (overhead,) = REPORT.routing.overheads

    assert overhead.ratio == pytest.approx(0.025)
    assert overhead.session_ratio == pytest.approx(0.25)


def test_ratio_of_first_writes_is_the_median_of_one_kind_of_loss() -> None:
    assert median_ratio(REPORT.first_writes, Mode.KILLED) == pytest.approx(1.2)


def test_tables_show_ratios_limits_and_counts() -> None:
    console = Console(file=io.StringIO(), width=150)
    console.print(REPORT.routing_table(), REPORT.first_writes_table())
    assert isinstance(console.file, io.StringIO)

    printed = console.file.getvalue()

    assert all(figure in printed for figure in ("2.5%", "25.0%", "5%", "0.7%", "killed 1.20 x", "1.5 x", "1,234"))


def test_document_holds_both_sides_of_each_loss(tmp_path: Path) -> None:
    REPORT.write(tmp_path / "bench" / "application.json")

    document = json.loads((tmp_path / "bench" / "application.json").read_text(encoding="utf-8"))

    assert document["measured_at"] == "2026-11-29T16:00:00Z"
    assert document["routing"][0]["ratio"] == pytest.approx(0.025)
    assert [row["mode"] for row in document["first_writes"]] == ["killed", "frozen"] * 3
    assert {"seconds", "bare_seconds", "lost", "twice"} <= set(document["first_writes"][0])
