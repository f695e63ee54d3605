"""What the database says about a cause: in short lines, and never with what users wrote."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.diagnoses import (
    LINE_CHARACTERS,
    MOST_LINES,
    Diagnosis,
    DiagnosisKind,
    DiagnosisQuery,
    answered_diagnosis,
    diagnosis_of,
    without_literals,
)
from rds_operations.domain.errors import (
    ConfigurationError,
    OperationsError,
    RefusedError,
    RetryableError,
)
from rds_operations.runtime.diagnoses import load_diagnoses
from rds_operations.usecases.diagnose_database import diagnose_database
from tests.fakes.questions import FakeQuestions

FOLDER = Path(__file__).parents[2] / "functions/probe_database/diagnoses"
QUERY = DiagnosisQuery(DiagnosisKind.LOCKS, "SELECT 1")
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


def test_rows_become_lines() -> None:
    questions = FakeQuestions([{"line": "runs now", "statement": "SELECT\n  $1"}, {"line": "pid 7 waits"}])

    diagnosis = diagnose_database(QUERY, questions=questions)

    assert questions.asked == [QUERY.sql]
    assert diagnosis.as_response() == {
        "diagnosis": "locks",
        "lines": ["runs now: SELECT $1", "pid 7 waits"],
        "error": None,
    }


def test_no_row_is_said_in_words() -> None:
    assert diagnose_database(QUERY, questions=FakeQuestions([])).lines == ("nothing found",)


@pytest.mark.parametrize("error", [RetryableError("no answer within 2 s"), RefusedError("permission denied")])
def test_question_that_fails_is_an_answer(error: OperationsError) -> None:
    diagnosis = diagnose_database(QUERY, questions=FakeQuestions(error))

    assert diagnosis == Diagnosis(DiagnosisKind.LOCKS, error=str(error))


@given(st.lists(words, max_size=30))
def test_lines_are_few_short_and_printable(texts: list[str]) -> None:
    lines = diagnosis_of(DiagnosisKind.LOCKS, [{"line": text} for text in texts]).lines

    assert len(lines) <= MOST_LINES
    assert all(len(line) <= LINE_CHARACTERS and line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("SELECT $1 FROM t WHERE a = $2", "SELECT $1 FROM t WHERE a = $2"),
        ("SELECT 'it''s me', E'\\'x', 42, 1.5 FROM t2", "SELECT ?, E?, ?, ? FROM t2"),
        ("SELECT $tag$ Hanako $tag$ /* Hanako */ -- Hanako\nFROM t", "SELECT ? FROM t"),
        ("SELECT 'cut in the mid", "SELECT ?"),
        ("SELECT 1 /* cut in the mid", "SELECT ?"),
        ('SELECT "Column 7" FROM t', 'SELECT "Column ?" FROM t'),
    ],
)
def test_statement_is_told_without_literals_and_comments(statement: str, told: str) -> None:
    assert without_literals(statement) == told


@given(words)
def test_quoted_text_never_gets_out(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "''")

    assert without_literals(f"UPDATED '{quoted}' once") == "UPDATED ? once"


@pytest.mark.parametrize("answer", [{}, {"lines": []}, {"lines": "all"}, {"error": "no answer within 2 s"}])
def test_answer_without_lines_is_an_error_in_words(answer: dict[str, object]) -> None:
    diagnosis = answered_diagnosis(DiagnosisKind.LOCKS, answer)

    assert diagnosis.lines == ()
    assert diagnosis.error


@given(st.lists(st.text(min_size=1), min_size=1))
def test_answer_is_read_back_as_it_was_given(lines: list[str]) -> None:
    given_back = diagnosis_of(DiagnosisKind.LOCKS, [{"line": line} for line in lines])

    assert answered_diagnosis(DiagnosisKind.LOCKS, given_back.as_response()) == given_back


def test_folder_without_a_kind_stops_the_function_at_start(tmp_path: Path) -> None:
    (tmp_path / "locks.sql").write_text("SELECT 1", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="holds locks, allowed: connections, locks, replay, "):
        load_diagnoses(tmp_path)
