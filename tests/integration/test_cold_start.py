"""What a function loads is loaded without detours."""

import subprocess
import sys

from tests.functions import FUNCTIONS

LAYERS = FUNCTIONS.parent / "layers"
MOST_LOOKS = 5


def test_loading_hardly_ever_looks_for_garbage() -> None:
    adapters = ", ".join(f"rds_operations.adapters.{name}" for name in ("postgres_administration", "aws_clients"))
    program = f"import {adapters}, gc; print(gc.get_stats()[0]['collections'])"
    path = f"{LAYERS / 'operations'}:{LAYERS / 'postgres'}"

    ended = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, check=True)

    assert int(ended.stdout) <= MOST_LOOKS
