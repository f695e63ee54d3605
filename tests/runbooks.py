"""The runbooks as data: their sections, and the blocks that a person pastes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "runbooks"
STEMS = sorted(path.stem for path in FOLDER.glob("*.md"))
SECTIONS = (
    "Meaning",
    "Impact",
    "Diagnosis",
    "Mitigation",
    "When it is over",
    "If it is a false alarm",
    "Sources",
)

_FENCE = re.compile(r"^( *)```(\S*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"<([a-z_]+)>")
_ON_THE_REPLICA = "on the replica: "


@dataclass(frozen=True, slots=True)
class SqlBlock:
    """One statement of a runbook.

    Args:
        runbook: The stem of the runbook.
        text: The statement as it is printed.
    """

    runbook: str
    text: str

    @property
    def title(self) -> str:
        """Return its first line, a comment that says what it shows or does; empty where there is none."""
        first = self.text.splitlines()[0]
        return first.removeprefix("-- ").removeprefix(_ON_THE_REPLICA) if first.startswith("-- ") else ""

    @property
    def is_for_the_replica(self) -> bool:
        """Tell whether its first line says that it belongs on a replica."""
        return self.text.startswith(f"-- {_ON_THE_REPLICA}")

    @property
    def statement(self) -> str:
        """Return the statement without its title."""
        return self.text.split("\n", 1)[1] if self.title else self.text

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Return the names in angle brackets that a person replaces."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.text)))

    def filled(self, values: Mapping[str, object]) -> bytes:
        """Return the statement with every placeholder replaced.

        Raises:
            KeyError: nobody prepared what a placeholder stands for.
        """
        return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), self.text).encode()

    def __str__(self) -> str:
        """Return runbook and title, as a test's name."""
        return f"{self.runbook}: {self.title}"


def alarms() -> list[dict[str, Any]]:
    """Return the rows of the tables that alarms are made of."""
    tables = [ROOT / "monitoring" / name for name in ("alarms.yaml", "automation.yaml")]
    return [row for table in tables for row in yaml_parse(table.read_text(encoding="utf-8"))["alarms"]]


def text_of(stem: str) -> str:
    """Return a runbook as it is written."""
    return (FOLDER / f"{stem}.md").read_text(encoding="utf-8")


def prose_of(stem: str) -> str:
    """Return a runbook without its blocks."""
    return _FENCE.sub("", text_of(stem))


def sections_of(stem: str) -> dict[str, str]:
    """Return the sections of a runbook in their order, the prose of each by its heading."""
    _, *parts = re.split(r"^## (.+)\n", prose_of(stem), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def languages_of(stem: str) -> list[str]:
    """Return the language of every block of a runbook."""
    return [language for _, language, _ in _FENCE.findall(text_of(stem))]


def blocks_of(stem: str, language: str) -> list[str]:
    """Return the blocks of a language, without the indentation of the list that they stand in."""
    found = _FENCE.findall(text_of(stem))
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, name, block in found if name == language]


def sql_blocks() -> list[SqlBlock]:
    """Return every statement of every runbook."""
    return [SqlBlock(stem, block) for stem in STEMS for block in blocks_of(stem, "sql")]


def sql_block(runbook: str, title: str) -> SqlBlock:
    """Return one statement by its title."""
    (block,) = [block for block in sql_blocks() if (block.runbook, block.title) == (runbook, title)]
    return block
