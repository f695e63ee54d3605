"""Modules import quietly; tests/integration/test_import_contracts.py shows that contracts notice what breaks them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LAYERS = ("layers/application", "layers/operations", "layers/postgres")
PYTHON_PATH = os.pathsep.join(str(ROOT / folder) for folder in (".", *LAYERS))
MODULES = sorted(
    ".".join(path.relative_to(layer).with_suffix("").parts).removesuffix(".__init__")
    for layer in map(ROOT.joinpath, LAYERS)
    for path in layer.rglob("*.py")
)


def test_every_module_of_the_layers_imports_with_an_empty_environment() -> None:
    statement = "\n".join(f"import {module}" for module in MODULES)

    imported = subprocess.run(
        [sys.executable, "-Bc", statement],
        cwd=ROOT,
        env={"PYTHONPATH": PYTHON_PATH},
        capture_output=True,
        text=True,
        check=False,
    )

    assert imported.returncode == 0, imported.stderr
