"""The benchmarks measure what they say: the formulas of both ways of calling RDS, and planning in its own process."""

import json
import math
import os
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.calls import Comparison, ExpiryRun, compare
from benchmarks.planning import Planning, measure_all
from benchmarks.rds import CountingRds
from benchmarks.report import SnapshotReport
from benchmarks.worlds import PREFIX, Order, snapshots_made_at_once, snapshots_of_every_hour

SIZES = [1, 50, 101, 500]
LAYERS = Path(__file__).parents[2] / "layers" / "operations"
REPORT = SnapshotReport(
    datetime(2026, 11, 23, 18, tzinfo=UTC),
    [Comparison(500, are_due=False, kit=ExpiryRun(5, 0, 0.01), baseline=ExpiryRun(505, 0, 0.05))],
    [
        Planning(1_000, "scattered", 0.002, 0.001, 20 * 2**20, 2**20),
        Planning(10_000, "scattered", 0.03, 0.01, 40 * 2**20, 2**20),
    ],
)


@pytest.mark.parametrize("count", SIZES)
def test_run_with_none_due_takes_one_call_per_hundred(count: int) -> None:
    found = compare(count, are_due=False)

    assert (found.kit.calls, found.kit.deleted) == (math.ceil(count / 100), 0)
    assert (found.baseline.calls, found.baseline.deleted) == (math.ceil(count / 100) + count, 0)


@pytest.mark.parametrize("count", SIZES)
def test_run_with_all_due_adds_one_call_per_deletion(count: int) -> None:
    found = compare(count, are_due=True)

    assert (found.kit.calls, found.kit.deleted) == (math.ceil(count / 100) + count - 1, count - 1)
    assert (found.baseline.calls, found.baseline.deleted) == (math.ceil(count / 100) + 2 * count, count)


def test_five_hundred_with_none_due_are_a_hundredth_of_the_baselines_calls() -> None:
    assert compare(500, are_due=False).calls_ratio == 101


def test_counting_rds_gives_a_hundred_a_page_whatever_is_asked_for() -> None:
    rds = CountingRds(snapshots_made_at_once(201, are_due=True))

    pages = list(rds.client.get_paginator("describe_db_snapshots").paginate(PaginationConfig={"PageSize": 1_000}))

    assert [len(page["DBSnapshots"]) for page in pages] == [100, 100, 1]
    assert rds.calls == {"DescribeDBSnapshots": 3}


def test_worlds_hold_as_many_snapshots_as_asked_for_and_are_the_same_every_time() -> None:
    first, second = (snapshots_of_every_hour(1_000, Order.SCATTERED) for _ in range(2))

    assert first == second
    assert len({snapshot.identifier for snapshot in first}) == 1_000
    assert first != sorted(first, key=lambda snapshot: str(snapshot.created_at))
    assert any(not snapshot.identifier.startswith(PREFIX) for snapshot in first)


def test_planning_is_measured_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.fspath(LAYERS))

    (measured,) = measure_all([(100, Order.NEWEST_FIRST)])

    assert (measured.snapshots, measured.order) == (100, "newest first")
    assert 0 < measured.seconds < 10
    assert measured.peak_bytes > measured.added_bytes >= 0


def test_tables_show_the_ratios() -> None:
    output = StringIO()
    console = Console(file=output, width=120)

    console.print(REPORT.calls_table(), REPORT.planning_table())

    assert "101.0 x" in output.getvalue()
    assert "15.0 x" in output.getvalue()


def test_json_holds_what_the_tables_show(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "snapshots.json"

    REPORT.write(path)

    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["expiry_runs"][0]["calls_ratio"] == 101
    assert written["expiry_runs"][0]["kit"] == {"calls": 5, "deleted": 0, "seconds": 0.01}
    assert written["planning"][1]["seconds_ratio"] == 15
    assert written["measured_at"] == "2026-11-23T18:00:00Z"
