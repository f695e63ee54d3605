"""What the database itself says about the cause of an alarm: in lines for people, without a word that users wrote."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_LINES = 10
LINE_CHARACTERS = 240
NOTHING_FOUND = "nothing found"

# Literals have no place in pg_stat_statements, and some get there: of utility statements, which are not asked for, and
# in comments, which clients write (PostgreSQL manual, pg_stat_statements). What is left out here cannot be read.
_HIDDEN = (
    (re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL), " "),
    (re.compile(r"--[^\n]*"), " "),
    (re.compile(r"\$(\w*)\$.*?(?:\$\1\$|$)", re.DOTALL), "?"),
    (re.compile(r"'(?:[^'\\]|''|\\.)*(?:'|$)", re.DOTALL), "?"),
    (re.compile(r"(?<![$\w])\d+(?:\.\d+)?"), "?"),
)


class DiagnosisKind(StrEnum):
    """What the database can be asked about; each is a file of `functions/probe_database/diagnoses`."""

    CONNECTIONS = "connections"
    STATEMENTS = "statements"
    REPLICATION = "replication"
    REPLAY = "replay"
    STORAGE = "storage"
    LOCKS = "locks"
    TRANSACTION_IDS = "transaction_ids"


@dataclass(frozen=True, slots=True)
class DiagnosisQuery:
    """One question.

    Args:
        kind: What it is about.
        sql: One statement with the column `line`, and `statement` where a line is about one.
    """

    kind: DiagnosisKind
    sql: str


@dataclass(frozen=True, slots=True)
class DiagnosisRequest:
    """One question to one node.

    Args:
        query: The question.
        server: The node's identifier; empty for the primary.
    """

    query: DiagnosisQuery
    server: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One answer.

    Args:
        kind: What was asked.
        lines: What was found, the worst first.
        error: Why nothing was; None where something was.
    """

    kind: DiagnosisKind
    lines: tuple[str, ...] = ()
    error: str | None = None

    def as_response(self) -> dict[str, object]:
        """Return the function's response."""
        return {"diagnosis": self.kind.value, "lines": list(self.lines), "error": self.error}


def diagnosis_of(kind: DiagnosisKind, rows: Iterable[Mapping[str, object]]) -> Diagnosis:
    """Return what the rows of a question say: at most ten lines of 240 characters, statements without literals."""
    lines = (_short(_line(row)) for row in rows)
    return Diagnosis(kind, tuple(lines)[:MOST_LINES] or (NOTHING_FOUND,))


def answered_diagnosis(kind: DiagnosisKind, answer: Mapping[str, object]) -> Diagnosis:
    """Return the diagnosis that probe_database answered with, whatever that is."""
    lines, error = answer.get("lines"), answer.get("error")
    if error:
        return Diagnosis(kind, error=_short(str(error)))
    if not isinstance(lines, list) or not lines:
        return Diagnosis(kind, error="probe_database did not say what it found")
    return Diagnosis(kind, tuple(_short(str(line)) for line in lines[:MOST_LINES]))


def without_literals(statement: str) -> str:
    """Return a statement with a question mark for each text and number, and without comments."""
    for pattern, instead in _HIDDEN:
        statement = pattern.sub(instead, statement)
    return " ".join(statement.split())


def _line(row: Mapping[str, object]) -> str:
    statement = row.get("statement")
    return f"{row['line']}: {without_literals(str(statement))}" if statement else str(row["line"])


def _short(text: str) -> str:
    plain = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return plain if len(plain) <= LINE_CHARACTERS else plain[: LINE_CHARACTERS - 4] + " ..."
