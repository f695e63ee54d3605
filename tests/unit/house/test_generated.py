"""What is generated and committed is what the tables say now.

That a change by hand or in a table is noticed is in tests/integration/test_generators.py.
"""

import io
from pathlib import Path

import pytest

from generators.__main__ import DOCUMENTS, GENERATORS, main
from generators.errors import RegionError
from generators.pieces import Document, Piece, Region, texts
from tests.templates import ROOT

REGION = Region("file.yaml", "parts", ("first:", "", "  second: 1"))
PATHS = {piece.path for generate in (*GENERATORS, *DOCUMENTS) for piece in generate(ROOT)}


def test_everything_generated_is_current() -> None:
    said = io.StringIO()

    assert main(["--check"], ROOT, said) == 0, said.getvalue()


def test_stacks_regions_and_catalogue_are_generated() -> None:
    assert {"stacks/monitoring.yaml", "stacks/automation.yaml", "template.yaml", "docs/alarms.md"} <= PATHS
    assert {"docs/configuration.md", "docs/security.md", "docs/cost.md"} <= PATHS


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
