"""What is generated and committed is what the tables say now."""

import io
import shutil
from pathlib import Path

import pytest

from generators.__main__ import DOCUMENTS, GENERATORS, main
from generators.alarm_tables import DATABASE
from generators.errors import RegionError
from generators.pieces import Document, Piece, Region, texts
from tests.templates import ROOT

REGION = Region("file.yaml", "parts", ("first:", "", "  second: 1"))
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


def test_everything_generated_is_current() -> None:
    said = io.StringIO()

    assert main(["--check"], ROOT, said) == 0, said.getvalue()


def test_stacks_regions_and_catalogue_are_generated() -> None:
    assert {"stacks/monitoring.yaml", "stacks/automation.yaml", "template.yaml", "docs/alarms.md"} <= PATHS
    assert {"docs/configuration.md", "docs/security.md", "docs/cost.md"} <= PATHS


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


def test_unknown_argument_is_refused() -> None:
    said = io.StringIO()

    assert main(["--chek"], ROOT, said) == 1
    assert said.getvalue() == "error: --chek is no argument, allowed: --check\n"


@pytest.mark.parametrize("comment", ["# {}", "<!-- {} -->"])
def test_region_is_put_between_its_markers_in_their_indentation(comment: str) -> None:
    begin, end = comment.format("generated: parts"), comment.format("end of generated: parts")

    made = REGION.put_into(f"top:\n  {begin}\n  old: 1\n  {end}\nlast: 1\n")

    assert made == f"top:\n  {begin}\n  first:\n\n    second: 1\n  {end}\nlast: 1\n"
    assert REGION.put_into(made) == made


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# end of generated: parts\n", "the comment '# generated: parts' is there 0 times, allowed: once"),
        ("# generated: parts\n", "the comment '# end of generated: parts' is there 0 times, allowed: once"),
        ("# generated: parts\n" * 2 + "# end of generated: parts\n", "is there 2 times, allowed: once"),
        ("# end of generated: parts\n# generated: parts\n", "the markers of parts are in the wrong order"),
    ],
)
def test_region_without_its_markers_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(RegionError, match=r"^file\.yaml: ") as raised:
        REGION.put_into(text)

    assert complaint in str(raised.value)


def test_regions_of_one_file_are_put_in_one_after_another(tmp_path: Path) -> None:
    written = "# generated: one\n# end of generated: one\n# generated: two\n# end of generated: two\n"
    (tmp_path / "file.yaml").write_text(written, encoding="utf-8")
    pieces: list[Piece] = [
        Region("file.yaml", "one", ("a: 1",)),
        Region("file.yaml", "two", ("b: 2",)),
        Document("new.md", "c\n"),
    ]

    made = texts(tmp_path, pieces)

    assert made["new.md"] == "c\n"
    assert [line for line in made["file.yaml"].splitlines() if not line.startswith("#")] == ["a: 1", "b: 2"]
