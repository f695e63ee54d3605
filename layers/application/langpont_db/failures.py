"""Recognises lost connections and stale writers, and gives them this package's names."""

import re
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from langpont_db.dialect import CommitInFlightError
from langpont_db.errors import (
    ConnectionLostError,
    DatabaseError,
    TransactionOutcomeUnknown,
    TransientError,
    UnreachableError,
)
from rds_postgres.errors import UnreachableError as PostgresUnreachableError
from rds_postgres.errors import connection_error

READ_ONLY_TRANSACTION = "25006"
FAILURES = (TransientError, DBAPIError, psycopg.Error)
"""What may be safe to repeat; the driver's own comes from whoever uses its connection, e.g. for COPY."""
# PostgreSQL manual, appendix A: connection exceptions; shutdown, crash, starting up.
_LOST = re.compile(r"08...|57P0[1-3]")
# What a function says of another server (postgres_fdw, dblink) has the codes of a lost connection, but ends nothing.
_OF_A_STATEMENT = "ERROR"
# The same: serialization failure, deadlock.
_REPEATABLE = ("40001", "40P01")


def sqlstate_of(error: BaseException | None) -> str:
    """Return the server's error code beneath an error of SQLAlchemy or of the driver; empty without one."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return (original.sqlstate or "") if isinstance(original, psycopg.Error) else ""


def words_of(error: BaseException | None) -> str:
    """Return in one line what an error says, without the statement, its parameters, and what else is of a user.

    SQLAlchemy adds both to what the driver says, and the server may tell in which statement of a function it was.
    """
    original = error.orig if isinstance(error, DBAPIError) else error
    primary = original.diag.message_primary if isinstance(original, psycopg.Error) else None
    return " ".join((primary or str(original)).split())


def is_safe_to_repeat(error: BaseException) -> bool:
    """Tell whether nothing of a transaction was committed, and it may succeed when it is done again."""
    return isinstance(error, TransientError) or sqlstate_of(error) in _REPEATABLE


def connecting_failure(error: psycopg.Error, place: str, login: str) -> DatabaseError | None:
    """Return this package's error for a connection that nobody took; None when the server refused it for a reason.

    Args:
        error: The driver's.
        place: Host and port.
        login: Role and database.
    """
    translated = connection_error(error, place=place, login=login)
    return UnreachableError(str(translated)) if isinstance(translated, PostgresUnreachableError) else None


def statement_failure(
    error: BaseException, *, driver: Any, is_direct: bool, is_writer: bool, is_closed: bool, place: str
) -> DatabaseError | None:
    """Return this package's error for a connection that is of no use any more; None when it is.

    1. a commit was under way: nobody knows
    2. the connection works, and the server says nothing about itself: it is of use
    3. the server takes no writes although the transaction was to write: the connection is a stale writer's, unless the
       server says that it does, so that it was the transaction that asked for it
    4. it ended under a statement that commits by itself: nobody knows
    5. it ended

    Args:
        error: The driver's.
        driver: The driver's connection.
        is_direct: Whether no pooler is before the server: it tells what it was told once.
        is_writer: Whether it is the primary's.
        is_closed: Whether SQLAlchemy takes it for closed.
        place: Host and port.
    """
    words = words_of(error)
    if isinstance(error, CommitInFlightError):
        return TransactionOutcomeUnknown(f"the commit on {place} may or may not have been done: {words}")
    code = sqlstate_of(error)
    if (
        is_writer
        and code == READ_ONLY_TRANSACTION
        and not driver.read_only
        and not (is_direct and _is_writable(driver))
    ):
        return ConnectionLostError(f"{place} takes no writes: {words}")
    if not is_closed and not _is_last_word(error, code):
        return None
    if is_writer and driver.autocommit and not driver.read_only:
        return TransactionOutcomeUnknown(f"a statement on {place} may or may not have been committed: {words}")
    return ConnectionLostError(f"the connection to {place} was lost: {words}")


def _is_writable(driver: Any) -> bool:
    # PostgreSQL tells both by itself whenever they change (manual, "Asynchronous Operations").
    status = driver.info.parameter_status
    return {status("in_hot_standby"), status("default_transaction_read_only")} == {"off"}


def _is_last_word(error: BaseException, code: str) -> bool:
    severity = error.diag.severity_nonlocalized if isinstance(error, psycopg.Error) else None
    return bool(_LOST.fullmatch(code)) and severity != _OF_A_STATEMENT
