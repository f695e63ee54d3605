"""The import contracts notice what breaks them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("rds_operations/domain/results.py", "import boto3"),
        ("rds_operations/domain/results.py", "import time"),
        ("rds_operations/usecases/create_snapshot.py", "import boto3"),
        ("rds_operations/usecases/create_snapshot.py", "import rds_operations.adapters.clock"),
        ("rds_operations/runtime/metrics.py", "import rds_operations.adapters.clock"),
        ("rds_operations/adapters/clock.py", "import local"),
        ("rds_operations/adapters/clock.py", "import deployment"),
        ("rds_operations/adapters/clock.py", "import generators"),
        ("rds_operations/adapters/clock.py", "import metric_files"),
    ],
)
def test_a_planted_import_breaks_a_contract(tmp_path: Path, module: str, line: str) -> None:
    for name in ("functions", "layers", "deployment", "generators", "local", "metric_files"):
        _copy_code(ROOT / name, tmp_path / name)
    planted = tmp_path / "layers/operations" / module
    planted.write_text(f"{line}  # planted\n{planted.read_text(encoding='utf-8')}", encoding="utf-8")
    layers = os.pathsep.join(str(tmp_path / folder) for folder in (".", "layers/operations", "layers/postgres"))

    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / ".importlinter", "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": layers, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert linted.returncode == 1
    assert "BROKEN" in linted.stdout


def _copy_code(source: Path, target: Path) -> None:
    for path in source.rglob("*.py"):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
