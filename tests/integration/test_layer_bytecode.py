"""The layers that are deployed bring their bytecode."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deployment.bytecode import BUILT, compile_layers
from deployment.errors import DeploymentError


def built(root: Path, text: str = "print(1)") -> Path:
    """Return the module of a layer as `sam build` leaves it."""
    module = root / BUILT / "OperationsLayer" / "python" / "kit" / "shared.py"
    function = root / BUILT / "MetricsStack" / "PushMetricsFunction" / "app.py"
    for path in (module, function):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return module


def bytecode(module: Path) -> Path:
    (compiled,) = (module.parent / "__pycache__").iterdir()
    return compiled


def run(module: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-Bvc", "import kit.shared"],
        env={"PYTHONPATH": str(module.parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )


def test_module_of_a_layer_is_read_from_its_bytecode(tmp_path: Path) -> None:
    module = built(tmp_path)

    compile_layers(tmp_path)

    assert f"code object from '{bytecode(module)}'" in run(module).stderr


def test_bytecode_is_in_the_layer_wherever_the_deployers_own_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "own"))
    module = built(tmp_path)

    compile_layers(tmp_path)

    assert bytecode(module).is_file()
    assert sys.pycache_prefix == str(tmp_path / "own")


def test_bytecode_is_taken_whatever_the_time_of_its_source(tmp_path: Path) -> None:
    module = built(tmp_path)
    compile_layers(tmp_path)

    os.utime(module, (0, 0))

    assert f"code object from '{bytecode(module)}'" in run(module).stderr


def test_same_sources_make_the_same_bytecode_in_any_checkout(tmp_path: Path) -> None:
    modules = [built(tmp_path / name) for name in ("one", "another")]

    for name in ("one", "another"):
        compile_layers(tmp_path / name)

    here, there = (bytecode(module).read_bytes() for module in modules)
    assert here == there


def test_function_itself_is_left_as_it_is(tmp_path: Path) -> None:
    built(tmp_path)

    compile_layers(tmp_path)

    assert not list((tmp_path / BUILT / "MetricsStack").rglob("*.pyc"))


def test_module_that_does_not_compile_stops_the_deployment(tmp_path: Path) -> None:
    built(tmp_path, "def")

    with pytest.raises(DeploymentError, match=r"OperationsLayer/python holds a module that does not compile"):
        compile_layers(tmp_path)
