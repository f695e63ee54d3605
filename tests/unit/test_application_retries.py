"""What is told of a transaction that is done again, and what of the users' data is not."""

import logging

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying

from langpont_db.errors import ConnectionLostError, RetriesExhaustedError
from langpont_db.events import Events
from langpont_db.failures import words_of
from langpont_db.retries import retrying_options

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
    attempts = Retrying(sleep=lambda _: None, **retrying_options(0.01, Events()))

    with caplog.at_level(logging.INFO, "langpont_db"), pytest.raises(RetriesExhaustedError) as given_up:
        attempts(_raise_deadlock)

    said = [vars(record)["error"] for record in caplog.records]
    assert {record.message for record in caplog.records} == {"A transaction was repeated", "A transaction was given up"}
    assert set(said) == {"deadlock here"}
    assert str(given_up.value).endswith("deadlock here")
