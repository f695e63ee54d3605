"""The plan for disasters can be followed: every scenario has its parts, and no command, alarm or link is invented."""

import re

import pytest

from tests.aws_commands import commands, problems
from tests.runbooks import alarms
from tests.templates import ROOT
from tests.whole_tables import for_each

TEXT = (ROOT / "docs/disaster-recovery.md").read_text(encoding="utf-8")
SECTIONS = dict(
    zip(*[iter(re.split(r"^## (.+)\n", TEXT, flags=re.MULTILINE)[1:])] * 2, strict=True)  # heading, text, heading, …
)
NO_SCENARIOS = {"The first 15 minutes", "Times", "Measured"}
SCENARIOS = sorted(set(SECTIONS) - NO_SCENARIOS)
PARTS = ["Detection.", "Decision.", "Commands.", "RTO and RPO.", "Way back."]
BLOCKS = re.findall(r"^ *```sh\n(.*?)^ *```$", TEXT, re.MULTILINE | re.DOTALL)
SHELL = [words for block in BLOCKS for words in commands(block)]
PROGRAMS = {"aws", "date", "export", "jq", "pg_dump"}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _anchors(text: str) -> set[str]:
    return {_anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def test_card_for_the_first_minutes_comes_first() -> None:
    assert next(iter(SECTIONS)) == "The first 15 minutes"


def test_every_scenario_of_the_objectives_is_there() -> None:
    named = " ".join(SCENARIOS).lower()

    assert [
        word for word in ("zone", "instance", "data", "deleted", "region", "account", "key") if word not in named
    ] == []


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_has_its_parts_in_order(scenario: str) -> None:
    assert re.findall(r"^- \*\*(.+?)\*\*", SECTIONS[scenario], re.MULTILINE) == PARTS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_has_commands_to_type(scenario: str) -> None:
    assert "```sh" in SECTIONS[scenario]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_card_leads_to_every_scenario(scenario: str) -> None:
    assert f"(#{_anchor(scenario)})" in SECTIONS["The first 15 minutes"]


def test_times_are_stated_and_measured_for_every_scenario() -> None:
    rows = [line for line in SECTIONS["Times"].splitlines() if line.startswith("| ")][1:]

    assert len(rows) == len(SCENARIOS)
    assert [row for row in rows if "" in [cell.strip() for cell in row.strip("|").split("|")]] == []


@for_each("words", SHELL, ids=lambda words: " ".join(words[:3]))
def test_command_is_one_that_exists(words: list[str]) -> None:
    assert words[0] in PROGRAMS
    assert words[0] != "aws" or problems(words) == []


def test_alarms_that_are_named_exist() -> None:
    stems = {row["stem"] for row in alarms()}
    named = {
        name
        for part in re.findall(r"^- \*\*Detection\.\*\*.*$", TEXT, re.MULTILINE)
        for name in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", part)
    }

    assert named - {"inaccessible-encryption-credentials-recoverable"} <= stems
    assert len(named) > 3


def test_links_lead_to_headings_that_exist() -> None:
    links = [link.partition("#") for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not link.startswith("https://")]
    texts = {path: (ROOT / "docs" / path).read_text(encoding="utf-8") if path else TEXT for path, _, _ in links}

    assert [f"{path}#{anchor}" for path, _, anchor in links if anchor and anchor not in _anchors(texts[path])] == []
