"""What the documents say exists, exists."""

import re
import tomllib
from pathlib import Path

from tests.templates import source
from tests.whole_tables import for_each

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
TARGETS = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==")


@for_each("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_and_links_of_a_document_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z][a-z0-9-]*)", text)) | set(
        re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    )
    links = [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if not (path.parent / link).exists()]

    assert targets <= TARGETS
    assert links == []


def test_every_direct_dependency_is_justified() -> None:
    justified = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    files = [*(ROOT / "requirements").glob("*.txt"), *(ROOT / "layers").glob("*/requirements.txt")]
    direct = {
        match[1]
        for file in files
        if file.name != "constraints.txt"
        for line in file.read_text(encoding="utf-8").splitlines()
        if (match := PINNED.match(line))
    }

    assert [package for package in sorted(direct) if package not in justified] == []


def test_configured_parameters_exist_in_the_template() -> None:
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    named = {
        override.split("=", 1)[0]
        for environment in ("local", "dev", "staging", "prod")
        for override in configuration[environment]["deploy"]["parameters"]["parameter_overrides"]
    }

    assert named <= set(source("root")["Parameters"])
