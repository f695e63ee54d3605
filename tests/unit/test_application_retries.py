"""What is told of a transaction that is done again, and what of the users' data is not."""

import logging

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying

from langpont_db.errors import ConnectionLostError, RetriesExhaustedError
from langpont_db.events import Events
from langpont_db.failures import words_of
from langpont_db.retries import Repetition

DEADLOCK = DBAPIError(
    "UPDATE users SET email = %(email)s",
    {"email": "user@example.com"},
    psycopg.errors.DeadlockDetected("deadlock\nhere"),
)


def _raise_deadlock() -> None:
    raise DEADLOCK


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DEADLOCK, "deadlock here"),
        (psycopg.OperationalError("closed\n  unexpectedly"), "closed unexpectedly"),
        (ConnectionLostError("the connection to db:5432 was lost"), "the connection to db:5432 was lost"),
    ],
)
def test_words_of_an_error_are_one_line_without_statement_or_parameters(error: Exception, words: str) -> None:
    assert words_of(error) == words


def test_no_parameter_is_in_the_logs_or_the_error_of_a_transaction_done_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    repetition = Repetition(_raise_deadlock, 0.1, Events())

    with caplog.at_level(logging.INFO, "langpont_db"), pytest.raises(RetriesExhaustedError) as given_up:
        Retrying(sleep=lambda _: None, **repetition.after(DEADLOCK))(repetition)

    said = [vars(record)["error"] for record in caplog.records]
    assert {record.message for record in caplog.records} == {"A transaction was repeated", "A transaction was given up"}
    assert set(said) == {"deadlock here"}
    assert str(given_up.value).endswith("deadlock here")


def test_attempts_are_counted_from_the_one_that_was_made_before(caplog: pytest.LogCaptureFixture) -> None:
    outcomes = iter([DEADLOCK])

    def succeed_at_the_third() -> str:
        for error in outcomes:
            raise error
        return "done"

    repetition = Repetition(succeed_at_the_third, 60, Events())

    with caplog.at_level(logging.INFO, "langpont_db"):
        assert Retrying(sleep=lambda _: None, **repetition.after(DEADLOCK))(repetition) == "done"

    assert [vars(record)["attempt"] for record in caplog.records] == [1, 2]


def test_first_attempt_counts_towards_the_deadline() -> None:
    attempts = []
    repetition = Repetition(lambda: attempts.append("further"), 0, Events())

    with pytest.raises(RetriesExhaustedError, match="gave up after 1 attempts"):
        Retrying(sleep=lambda _: None, **repetition.after(DEADLOCK))(repetition)

    assert attempts == []


def test_what_is_not_safe_to_repeat_is_raised_as_it_was() -> None:
    refused = DBAPIError("INSERT", {}, psycopg.errors.UniqueViolation("duplicate"))
    repetition = Repetition(lambda: None, 60, Events())

    with pytest.raises(DBAPIError) as raised:
        Retrying(**repetition.after(refused))(repetition)

    assert raised.value is refused


def test_no_attempt_begins_after_the_deadline() -> None:
    pauses: list[float] = []
    repetition = Repetition(_raise_deadlock, 0.2, Events())

    with pytest.raises(RetriesExhaustedError):
        Retrying(sleep=pauses.append, **repetition.after(DEADLOCK))(repetition)

    assert pauses
    assert max(pauses) < 0.2
