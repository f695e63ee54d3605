"""Generating from tables and templates in a folder of their own: changes are noticed, undone and carried everywhere."""

import io
import shutil
from pathlib import Path

import pytest

from generators.__main__ import DOCUMENTS, GENERATORS, main
from generators.alarm_tables import DATABASE
from tests.templates import ROOT

PATHS = {piece.path for generate in (*GENERATORS, *DOCUMENTS) for piece in generate(ROOT)}
READ = (".checkov.yaml", "samconfig.toml", "generators/tables/*", "monitoring/*", "stacks/*")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Tables, templates and what is made of them, in a folder of their own."""
    read = {str(path.relative_to(ROOT)) for pattern in READ for path in ROOT.glob(pattern)}
    for path in PATHS | read:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


def test_change_by_hand_is_noticed_and_undone(checkout: Path) -> None:
    path = checkout / "stacks/monitoring.yaml"
    current = path.read_text(encoding="utf-8")
    path.write_text(current.replace("Period: 300", "Period: 60", 1), encoding="utf-8")
    noticed, undone = io.StringIO(), io.StringIO()

    assert main(["--check"], checkout, noticed) == 1
    assert main([], checkout, undone) == 0
    assert noticed.getvalue() == "Stale: stacks/monitoring.yaml; run make generate\n"
    assert undone.getvalue() == "Written: stacks/monitoring.yaml\n"
    assert path.read_text(encoding="utf-8") == current


def test_check_writes_nothing(checkout: Path) -> None:
    before = {path: (checkout / path).read_bytes() for path in PATHS}
    table = checkout / DATABASE
    table.write_text(table.read_text(encoding="utf-8").replace("default: 80,", "default: 85,", 1), encoding="utf-8")

    assert main(["--check"], checkout, io.StringIO()) == 1
    assert {path: (checkout / path).read_bytes() for path in PATHS} == before


def test_new_threshold_reaches_every_place(checkout: Path) -> None:
    table = checkout / DATABASE
    table.write_text(
        table.read_text(encoding="utf-8").replace("CpuHighPercent, default: 80", "CpuHighPercent, default: 85")
    )

    main([], checkout, io.StringIO())

    assert "CpuHighPercent: { Type: Number, Default: 85," in (checkout / "template.yaml").read_text(encoding="utf-8")
    assert "| `CpuHighPercent` | 85 |" in (checkout / "docs/alarms.md").read_text(encoding="utf-8")
    # Made of the template that has just been written.
    assert "| `CpuHighPercent` | `85` |" in (checkout / "docs/configuration.md").read_text(encoding="utf-8")


def test_mistake_in_a_table_is_one_line_and_writes_nothing(checkout: Path) -> None:
    table, said = checkout / DATABASE, io.StringIO()
    table.write_text(table.read_text(encoding="utf-8").replace("severity: critical", "severity: urgent", 1))
    before = {path: (checkout / path).read_bytes() for path in PATHS}

    status = main([], checkout, said)

    assert status == 1
    assert said.getvalue().startswith(f"error: {DATABASE}, alarm instance-silent: severity is 'urgent', allowed: ")
    assert said.getvalue().count("\n") == 1
    assert {path: (checkout / path).read_bytes() for path in PATHS} == before
