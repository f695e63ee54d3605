"""The import contracts notice what breaks them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("layers/application", "layers/operations", "layers/postgres")


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("operations/rds_operations/domain/results.py", "import boto3"),
        ("operations/rds_operations/domain/results.py", "import time"),
        ("operations/rds_operations/usecases/create_snapshot.py", "import boto3"),
        ("operations/rds_operations/usecases/create_snapshot.py", "import rds_operations.adapters.clock"),
        ("operations/rds_operations/runtime/metrics.py", "import rds_operations.adapters.clock"),
        ("operations/rds_operations/adapters/clock.py", "import local"),
        ("operations/rds_operations/adapters/clock.py", "import deployment"),
        ("operations/rds_operations/adapters/clock.py", "import generators"),
        ("operations/rds_operations/adapters/clock.py", "import metric_files"),
        ("operations/rds_operations/adapters/clock.py", "import langpont_db"),
        ("postgres/rds_postgres/connections.py", "import langpont_db"),
        ("application/langpont_db/errors.py", "import rds_operations"),
        ("application/langpont_db/errors.py", "import boto3"),
        ("application/langpont_db/errors.py", "import botocore"),
    ],
)
def test_a_planted_import_breaks_a_contract(tmp_path: Path, module: str, line: str) -> None:
    for name in ("functions", "layers", "deployment", "generators", "local", "metric_files"):
        _copy_code(ROOT / name, tmp_path / name)
    planted = tmp_path / "layers" / module
    planted.write_text(f"{line}  # planted\n{planted.read_text(encoding='utf-8')}", encoding="utf-8")
    layers = os.pathsep.join(str(tmp_path / folder) for folder in (".", *LAYERS))

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
