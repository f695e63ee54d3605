"""Which statements may go to a replica, and which errors mean what."""

from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, text, union, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

from langpont_db.dialect import CommitInFlightError
from langpont_db.errors import ConnectionLostError, TransactionOutcomeUnknown, TransientError, UnreachableError
from langpont_db.failures import connecting_failure, is_safe_to_repeat, statement_failure
from langpont_db.statements import calls_with_effects, only_reads

TABLE = Table("notes", MetaData(), Column("id", Integer))


class Driver:
    """Stands for a driver's connection."""

    def __init__(self, *, autocommit: bool = False, read_only: bool | None = None, says: str = "on") -> None:
        self.autocommit = autocommit
        self.read_only = read_only
        self.info = SimpleNamespace(parameter_status=lambda _: says)


@pytest.mark.parametrize(
    "statement",
    [
        select(TABLE),
        select(func.count()).select_from(TABLE),
        union(select(TABLE), select(TABLE)),
        text("SELECT 1"),
        text("SELECT id FROM notes").columns(TABLE.c.id),
        text("  ( select 1 )"),
        text("WITH notes AS (SELECT 1) SELECT * FROM notes"),
        text("VALUES (1)"),
        text("SHOW statement_timeout"),
        text("EXPLAIN SELECT 1"),
        text("SELECT updated_at, deleted FROM inserts"),
    ],
)
def test_statement_that_only_reads_may_go_to_a_replica(statement: ClauseElement) -> None:
    assert only_reads(statement)


@pytest.mark.parametrize(
    "statement",
    [
        None,
        insert(TABLE),
        update(TABLE),
        insert(TABLE).returning(TABLE),
        select(TABLE).with_for_update(),
        select(TABLE).with_for_update(read=True, key_share=True),
        select(func.nextval("notes_id_seq")),
        select(func.pg_try_advisory_xact_lock(1)),
        select(func.pg_try_advisory_lock(1).label("has_lock")),
        text("INSERT INTO notes VALUES (1) RETURNING id").columns(TABLE.c.id),
        text("INSERT INTO notes VALUES (1)"),
        text("SELECT 1 INTO other"),
        text("SELECT * FROM notes FOR  NO KEY UPDATE"),
        text("SELECT * FROM notes FOR SHARE"),
        text("WITH gone AS (DELETE FROM notes RETURNING 1) SELECT * FROM gone"),
        text("EXPLAIN ANALYZE INSERT INTO notes VALUES (1)"),
        text("SELECT nextval('notes_id_seq')"),
        text("SELECT pg_advisory_lock(1)"),
        text("SET work_mem = '5MB'"),
        text("CALL do_something()"),
        text("/* SELECT */ TRUNCATE notes"),
    ],
)
def test_statement_that_may_do_more_belongs_on_the_primary(statement: ClauseElement | None) -> None:
    assert not only_reads(statement)


@pytest.mark.parametrize(
    ("sql", "has_effects"),
    [
        ("SELECT pg_try_advisory_lock(1) IS true AS anon_1", True),
        ("SELECT id FROM notes WHERE pg_catalog.pg_advisory_lock (%(id)s::INTEGER)", True),
        ('SELECT coalesce("nextval"(%(x)s), 0)', True),
        ("SELECT notes.lastval, notes.lo_price FROM notes WHERE notes.lo_price IN (1)", False),
        ("SELECT my_nextval(1), pg_current_xact_id_if_assigned()", False),
    ],
)
def test_call_with_effects_is_found_wherever_it_is(sql: str, *, has_effects: bool) -> None:
    assert calls_with_effects(sql) is has_effects


@pytest.mark.parametrize(
    ("error", "driver", "is_closed", "kind"),
    [
        (CommitInFlightError("gone"), Driver(), True, TransactionOutcomeUnknown),
        (psycopg.OperationalError("gone"), Driver(), True, ConnectionLostError),
        (psycopg.OperationalError("gone"), Driver(autocommit=True), True, TransactionOutcomeUnknown),
        (psycopg.OperationalError("gone"), Driver(autocommit=True, read_only=True), True, ConnectionLostError),
        (psycopg.errors.AdminShutdown("bye"), Driver(), False, ConnectionLostError),
        (psycopg.errors.CrashShutdown("bye"), Driver(), False, ConnectionLostError),
        (psycopg.errors.CannotConnectNow("wait"), Driver(), False, ConnectionLostError),
        (psycopg.errors.ReadOnlySqlTransaction("no"), Driver(), False, ConnectionLostError),
        (psycopg.errors.ReadOnlySqlTransaction("no"), Driver(autocommit=True), False, ConnectionLostError),
        (psycopg.errors.ReadOnlySqlTransaction("no"), Driver(read_only=True), False, None),
        (psycopg.errors.UniqueViolation("twice"), Driver(), False, None),
        (psycopg.errors.QueryCanceled("slow"), Driver(), False, None),
    ],
)
def test_error_of_the_primary_says_what_became_of_the_connection(
    error: Exception, driver: Driver, *, is_closed: bool, kind: type[Exception] | None
) -> None:
    failure = statement_failure(
        error, driver=driver, is_direct=True, is_writer=True, is_closed=is_closed, place="db:5432"
    )

    assert (type(failure) if failure else None) is kind
    assert failure is None or "db:5432" in str(failure)


def test_replica_that_refuses_a_write_is_no_stale_writer() -> None:
    error = psycopg.errors.ReadOnlySqlTransaction("no")

    failure = statement_failure(
        error, driver=Driver(), is_direct=True, is_writer=False, is_closed=False, place="r:5432"
    )

    assert failure is None


@pytest.mark.parametrize(("is_direct", "kind"), [(True, type(None)), (False, ConnectionLostError)])
def test_server_that_says_that_it_takes_writes_is_believed_unless_a_pooler_says_it(
    is_direct: bool,  # noqa: FBT001
    kind: type[object],
) -> None:
    error = psycopg.errors.ReadOnlySqlTransaction("no")

    failure = statement_failure(
        error, driver=Driver(says="off"), is_direct=is_direct, is_writer=True, is_closed=False, place="db:5432"
    )

    assert type(failure) is kind


@pytest.mark.parametrize(
    ("words", "is_unreachable"),
    [
        ("connection refused", True),
        ("sorry, too many clients already", True),
        ("the database system is starting up", True),
        ('password authentication failed for user "app"', False),
        ("SSL error: certificate verify failed", False),
    ],
)
def test_connection_that_nobody_took_is_unreachable_and_one_refused_is_not(words: str, *, is_unreachable: bool) -> None:
    failure = connecting_failure(psycopg.OperationalError(words), "db:5432", "app on langpont")

    assert isinstance(failure, UnreachableError) is is_unreachable


@pytest.mark.parametrize(
    ("error", "is_safe"),
    [
        (ConnectionLostError("gone"), True),
        (UnreachableError("nobody"), True),
        (DBAPIError("COMMIT", {}, psycopg.errors.SerializationFailure("again")), True),
        (DBAPIError("UPDATE", {}, psycopg.errors.DeadlockDetected("again")), True),
        (DBAPIError("INSERT", {}, psycopg.errors.UniqueViolation("twice")), False),
        (TransactionOutcomeUnknown("who knows"), False),
        (ZeroDivisionError(), False),
    ],
)
def test_only_what_was_certainly_not_committed_is_done_again(error: Exception, *, is_safe: bool) -> None:
    assert is_safe_to_repeat(error) is is_safe


def test_unknown_outcome_is_never_taken_for_transient() -> None:
    assert not issubclass(TransactionOutcomeUnknown, TransientError)
