"""Modules import quietly, and the import contracts notice what breaks them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LAYERS = ("layers/application", "layers/operations", "layers/postgres")
PYTHON_PATH = os.pathsep.join(str(ROOT / folder) for folder in (".", *LAYERS))
MODULES = sorted(
    ".".join(path.relative_to(layer).with_suffix("").parts).removesuffix(".__init__")
    for layer in map(ROOT.joinpath, LAYERS)
    for path in layer.rglob("*.py")
)


def _run(arguments: list[str], environment: Mapping[str, str], folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_every_module_of_the_layers_imports_with_an_empty_environment() -> None:
    statement = "\n".join(f"import {module}" for module in MODULES)

    imported = _run([sys.executable, "-c", statement], {"PYTHONPATH": PYTHON_PATH})

    assert imported.returncode == 0, imported.stderr


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

    linted = _run(
        [str(Path(sys.executable).with_name("lint-imports")), "--config", str(ROOT / ".importlinter"), "--no-cache"],
        {"PYTHONPATH": layers, "PATH": os.environ["PATH"]},
        tmp_path,
    )

    assert linted.returncode == 1
    assert "BROKEN" in linted.stdout


def _copy_code(source: Path, target: Path) -> None:
    for path in source.rglob("*.py"):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
