"""The benchmarks of metrics, cold starts and packages measure what they say."""

import json
import sys
from compileall import compile_dir
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.cold_starts import ColdStart, measure_cold_starts
from benchmarks.metric_runs import MetricRuns
from benchmarks.metrics_report import MetricsReport
from benchmarks.packages import Package, measure_packages

REPORT = MetricsReport(
    datetime(2026, 11, 26, 11, tzinfo=UTC),
    MetricRuns(queries=33, seconds=0.05, psql_seconds=0.04, aws_calls=0),
    [ColdStart("push_metrics", seconds=0.2, source_seconds=0.3, baseline_seconds=0.25)],
    [Package("OperationsLayer", packed=2**20, unpacked=4 * 2**20)],
)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """What `sam build` leaves of one function in a nested stack and its two layers."""
    files = {
        "MetricsStack/PushMetricsFunction/app.py": "import os, shared, driver\nos.environ['DB_HOST']\n",
        "MetricsStack/PushMetricsFunction/queries/one.sql": "SELECT 1",
        "OperationsLayer/python/shared.py": "",
        "PostgresLayer/python/driver.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "build" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "build"


def test_cold_start_is_measured_with_its_layers_and_settings(build: Path, tmp_path: Path) -> None:
    (measured,) = measure_cold_starts(build, Path(sys.executable), tmp_path / "scratch", rounds=1)

    assert measured.function == "push_metrics"
    assert 0 < measured.seconds < measured.baseline_seconds


def test_bytecode_is_measured_as_it_is_deployed_and_without(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", None)
    compile_dir(build / "OperationsLayer", quiet=1)

    measure_cold_starts(build, Path(sys.executable), tmp_path / "scratch", rounds=1)

    assert [path.name.partition(".")[0] for path in build.rglob("*.pyc")] == ["shared"]
    assert not list((tmp_path / "scratch").rglob("*.pyc"))


@pytest.mark.parametrize(("function", "target"), [("push_metrics", 1.0), ("create_snapshot", 1.1)])
def test_every_function_but_push_metrics_may_take_a_tenth_longer(function: str, target: float) -> None:
    assert ColdStart(function, seconds=0.1, source_seconds=0.1, baseline_seconds=0.1).target == target


def test_function_that_does_not_start_is_no_measurement(build: Path, tmp_path: Path) -> None:
    (build / "PostgresLayer" / "python" / "driver.py").unlink()

    with pytest.raises(OSError, match="push_metrics does not start: ModuleNotFoundError: No module named 'driver'"):
        measure_cold_starts(build, Path(sys.executable), tmp_path / "scratch", rounds=1)


def test_package_is_everything_in_its_folder(build: Path) -> None:
    packages = {package.name: package for package in measure_packages(build)}

    assert list(packages) == ["OperationsLayer", "PostgresLayer", "PushMetricsFunction"]
    of_function = sum(path.stat().st_size for path in (build / "MetricsStack").rglob("*") if path.is_file())
    assert packages["PushMetricsFunction"].unpacked == of_function


def test_tables_show_the_ratios() -> None:
    output = StringIO()

    Console(file=output, width=120).print(REPORT.runs_table(), REPORT.starts_table(), REPORT.packages_table())

    for shown in ("1.25 x", "1.30 x", "0.80 x", "1.00 x", "1.20 x", "1.000", "4.000"):
        assert shown in output.getvalue()


def test_json_holds_what_the_tables_show(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "metrics.json"

    REPORT.write(path)

    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["warm_run"]["ratio"] == 1.25
    assert written["warm_run"]["aws_calls"] == 0
    assert (written["cold_starts"][0]["ratio"], written["cold_starts"][0]["source_ratio"]) == (0.8, 1.2)
    assert written["packages"] == [{"name": "OperationsLayer", "packed": 2**20, "unpacked": 4 * 2**20}]
