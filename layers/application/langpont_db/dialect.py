"""The dialects. The primary's commit returns its position in the log in its own round trip, or says that nobody knows.

Transaction, position and whether anything was written at all travel in one message of the simple query protocol
(PostgreSQL manual, "Simple Query"): the server runs it statement by statement, and nothing that follows a failed one.
"""

from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg, PGDialectAsync_psycopg
from sqlalchemy.util import await_only

from langpont_db.liveness import Answers, is_lost
from langpont_db.positions import Position, end_of_records, parse_lsn, timeline_of
from langpont_db.statements import calls_with_effects

DRIVER_NAME: Final = "postgresql+langpont_db"
READER_DRIVER_NAME: Final = "postgresql+langpont_db_reader"
IS_ROUTED_KEY: Final = "langpont_db.is_routed"
"""Whether a connection's transaction is of a session whose statements may go to the primary as well."""
WARNINGS_KEY: Final = "langpont_db.warnings"

_POSITION: Final = "SELECT lsn::text, pg_walfile_name(lsn) FROM pg_current_wal_insert_lsn() AS lsn"
_COMMIT: Final = f"SELECT pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT; {_POSITION}"
# PostgreSQL source, syncrep.c: what waits for the synchronous standby; its words depend on the server's language.
_STANDBY_WAIT: Final = "SyncRepWaitForLSN"

registry.register("postgresql.langpont_db", __name__, "WriterDialect")
registry.register("postgresql.langpont_db_reader", __name__, "ReaderDialect")


class CommitInFlightError(psycopg.OperationalError):
    """A commit was sent, and its answer did not come; SQLAlchemy takes it for the driver's."""


def watch_for_unconfirmed_commits(driver: Any, info: dict[Any, Any]) -> None:
    """Notice when the server ends a commit's wait for its standby: it then claims success, as a warning tells.

    Args:
        driver: A new connection.
        info: What SQLAlchemy's pool keeps with it.
    """
    warnings: list[str] = []
    info[WARNINGS_KEY] = warnings

    def notice(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.source_function == _STANDBY_WAIT:
            warnings.append(diagnostic.message_primary or "")

    driver.add_notice_handler(notice)


def driver_of(dialect: Any, pooled: Any) -> Any:
    """Return the psycopg connection, of either kind, behind a pool's; one that was detached does not say so itself.

    Args:
        dialect: That of its engine.
        pooled: An open one, as `Connection.connection` has it.
    """
    return dialect.get_driver_connection(pooled.dbapi_connection)


class _Connections:
    """What every dialect has."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.answers = Answers()

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Tell whether a connection can be used; only one that has been idle for a while is asked."""
        driver = self.get_driver_connection(dbapi_connection)  # type: ignore[attr-defined]
        if self.answers.are_recent(driver):
            return not is_lost(driver)
        return bool(super().do_ping(dbapi_connection))  # type: ignore[misc]

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll back; what is lost with its connection, the server rolls back by itself.

        That is no failure of a session that has all its answers, and none to hide an earlier one behind.
        """
        driver = driver_of(self, dbapi_connection)
        # Otherwise there is nothing to roll back, and the server is not told.
        is_answered = driver.pgconn.transaction_status != TransactionStatus.IDLE
        try:
            dbapi_connection.rollback()
        except psycopg.Error:
            # Of no use to anybody: the pool finds it closed, and drops what is as old.
            driver.pgconn.finish()
        else:
            if is_answered:
                self.answers.note(driver)


class _Reads(_Connections):
    """What both of a replica's dialects share."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """End the transaction. A replica has nothing to commit, and the loss of it undoes nothing on the primary."""
        self.do_rollback(dbapi_connection)

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Execute, but refuse what a replica would do where nobody else sees it, as it refuses a write.

        Raises:
            ReadOnlySqlTransaction: a statement that belongs on the primary takes a lock, say.
        """
        if calls_with_effects(statement) and context is not None and context.root_connection.info.get(IS_ROUTED_KEY):
            raise ReadOnlySqlTransaction("what a replica would lock, number or set is not seen on the primary")
        cursor.execute(statement, parameters)


class ReaderDialect(_Reads, PGDialect_psycopg):
    """psycopg's dialect for a replica."""

    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, _: Any) -> type["AsyncReaderDialect"]:
        """Return the same for asyncio."""
        return AsyncReaderDialect


class AsyncReaderDialect(_Reads, PGDialectAsync_psycopg):
    """The same for asyncio."""

    supports_statement_cache = True


class _Commits(_Connections):
    """What both of the primary's dialects share."""

    on_commit: Callable[[Position], None] | None = None
    """Told of each position at which something was committed."""
    on_interruption: Callable[[], None] | None = None
    """Told when a commit was interrupted on this side, e.g. a task was cancelled: nobody knows what became of it."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit, and tell of the position; in one round trip.

        Raises:
            CommitInFlightError: the connection ended while the answer was awaited, or the wait for the standby did.
        """
        driver, warnings = driver_of(self, dbapi_connection), dbapi_connection.info.get(WARNINGS_KEY, [])
        if driver.autocommit:
            self._tell(self._run(driver, _POSITION)[-1])
        elif driver.read_only or driver.pgconn.transaction_status == TransactionStatus.IDLE:
            dbapi_connection.commit()
        else:
            warnings.clear()
            (has_written,), position = self._commit(driver, dbapi_connection)
            self.answers.note(driver)
            if has_written and not warnings:
                self._tell(position)
        if warnings:
            raise CommitInFlightError(warnings.pop())

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll back; of statements that committed by themselves, tell of the position instead."""
        driver = driver_of(self, dbapi_connection)
        if driver.autocommit and not driver.read_only and not driver.closed:
            try:
                self._tell(self._run(driver, _POSITION)[-1])
            except psycopg.Error:
                self._lose_track()
        super().do_rollback(dbapi_connection)

    def _commit(self, driver: Any, dbapi_connection: Any) -> list[Any]:
        if is_lost(driver):
            raise psycopg.OperationalError("the connection was lost before the commit was sent")
        try:
            return self._run(driver, _COMMIT)
        except psycopg.Error as error:
            if driver.closed:
                raise CommitInFlightError(str(error)) from error
            if driver.pgconn.transaction_status != TransactionStatus.IDLE:
                # COMMIT was not reached, and SQLAlchemy takes the transaction for ended.
                self.do_rollback(dbapi_connection)
            elif isinstance(error, psycopg.errors.QueryCanceled):
                # A cancellation that came while COMMIT wrote the log is obeyed by what follows it.
                raise CommitInFlightError(str(error)) from error
            raise
        except BaseException:
            self._lose_track()
            raise

    def _lose_track(self) -> None:
        if self.on_interruption:
            self.on_interruption()

    def _tell(self, row: tuple[str, str]) -> None:
        if self.on_commit:
            lsn, wal_file = row
            self.on_commit(Position(timeline_of(wal_file), end_of_records(parse_lsn(lsn))))

    def _run(self, driver: Any, statements: str) -> list[Any]:
        """Return the first row of each result that has rows."""
        with driver.cursor() as cursor:
            cursor.execute(statements)
            rows = [cursor.fetchone()] if cursor.pgresult.nfields else []
            while cursor.nextset():
                if cursor.pgresult.nfields:
                    rows.append(cursor.fetchone())
            return rows


class WriterDialect(_Commits, PGDialect_psycopg):
    """psycopg's dialect with commits that tell their position."""

    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, _: Any) -> type["AsyncWriterDialect"]:
        """Return the same for asyncio."""
        return AsyncWriterDialect


class AsyncWriterDialect(_Commits, PGDialectAsync_psycopg):
    """The same for asyncio; SQLAlchemy calls it in a greenlet, where awaiting looks like a call."""

    supports_statement_cache = True

    def _run(self, driver: Any, statements: str) -> list[Any]:
        rows: list[Any] = await_only(_run(driver, statements))
        return rows


async def _run(driver: Any, statements: str) -> list[Any]:
    async with driver.cursor() as cursor:
        await cursor.execute(statements)
        rows = [await cursor.fetchone()] if cursor.pgresult.nfields else []
        while cursor.nextset():
            if cursor.pgresult.nfields:
                rows.append(await cursor.fetchone())
    return rows
