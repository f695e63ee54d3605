"""Bytecode that counts without a look at its source never meets another source: `sam build` empties its folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deployment.bytecode import BUILT, compile_layers
from deployment.sam import quiet_environment

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  KitLayer:
    Type: AWS::Serverless::LayerVersion
    Metadata: { BuildMethod: python3.13 }
    Properties: { ContentUri: layer, CompatibleRuntimes: [python3.13] }
"""


def sam_build(root: Path) -> None:
    programs = Path(sys.executable).parent
    environment = {**quiet_environment(programs, os.environ), "__SAM_CLI_APP_DIR": str(root / "sam")}
    command: list[str | Path] = [programs / "sam", "build", "--cached", "--template-file", "template.yaml"]
    subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True, timeout=120)


@pytest.mark.parametrize("later", ["print(1)", "print(2)"])
def test_next_build_takes_the_bytecode_away(tmp_path: Path, later: str) -> None:
    source = tmp_path / "layer" / "shared.py"
    source.parent.mkdir()
    (tmp_path / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (source.parent / "requirements.txt").touch()
    source.write_text("print(1)", encoding="utf-8")
    sam_build(tmp_path)
    compile_layers(tmp_path)
    assert list((tmp_path / BUILT).rglob("shared.*.pyc"))

    source.write_text(later, encoding="utf-8")
    sam_build(tmp_path)

    assert (tmp_path / BUILT / "KitLayer" / "python" / "shared.py").read_text(encoding="utf-8") == later
    assert not list((tmp_path / BUILT).rglob("*.pyc"))
