"""Runs one query so that it can neither write nor last.

Limits and query travel together through libpq's pipeline mode: one round trip, and what comes before a sync is one
transaction (PostgreSQL manual, "Pipeline Mode"). psycopg's own pipeline takes two for it, or forgets a server's last
words, so libpq is spoken to through `psycopg.pq`.
"""

import select
from collections.abc import Iterator, Mapping
from datetime import timedelta

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGconn, PGresult

from rds_postgres.connections import Connection
from rds_postgres.errors import QueryFailedError, query_error

_LIMITS = (
    b"SELECT set_config('transaction_read_only', 'on', true),"
    b" set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)"
)
_LAST_WORDS = b"FATAL"


def run_read_only(
    connection: Connection,
    query: str,
    *,
    timeout: timedelta,
    lock_timeout: timedelta,
    parameters: Mapping[str, object] | None = None,
) -> list[dict[str, object]]:
    """Return the rows of one query, run in a read-only transaction of its own, in one round trip.

    Args:
        connection: An autocommitting connection outside any transaction.
        query: One statement that returns rows.
        timeout: How long the query may run; at least one millisecond.
        lock_timeout: How long it may wait for a lock.
        parameters: What stands for `%(name)s` in the query; without any, a per cent sign is one.

    Raises:
        QueryFailedError: the server refused the query or its timeout passed; the connection can go on.
        UnreachableError: the connection was lost.
    """
    limits = [_milliseconds(timeout), _milliseconds(lock_timeout)]
    try:
        statement = psycopg.ClientCursor(connection).mogrify(query, parameters) if parameters else query
        result = _result(connection.pgconn, limits, statement.encode())
    except psycopg.Error as error:
        raise query_error(error, connection_is_lost=connection.closed) from error
    return _rows(connection, result)


def _milliseconds(duration: timedelta) -> bytes:
    return b"%d" % max(1, round(duration / timedelta(milliseconds=1)))


def _result(pgconn: PGconn, limits: list[bytes], statement: bytes) -> PGresult:
    """Return the result of the statement; the protocol takes one a message: no "COMMIT; DELETE" gets out of here."""
    try:
        pgconn.enter_pipeline_mode()
        pgconn.send_query_params(_LIMITS, list(limits))
        pgconn.send_query_params(statement, None, result_format=pq.Format.BINARY)
        pgconn.pipeline_sync()
        results = list(_results(pgconn))
    except BaseException:
        # What was not collected would be taken for the next query's.
        pgconn.finish()
        raise
    if pgconn.status == pq.ConnStatus.OK:
        pgconn.exit_pipeline_mode()
    failed = next((result for result in results if result.status == pq.ExecStatus.FATAL_ERROR), None)
    if failed is not None:
        raise error_from_result(failed)
    _, found = results
    if found.status != pq.ExecStatus.TUPLES_OK:
        raise psycopg.ProgrammingError("the query returned no records")
    return found


def _results(pgconn: PGconn) -> Iterator[PGresult]:
    """Yield the result of each statement up to the sync, or up to the server's last words."""
    while (result := _next_result(pgconn)) is None or result.status != pq.ExecStatus.PIPELINE_SYNC:
        if result is None:
            continue
        yield result
        if result.error_field(pq.DiagnosticField.SEVERITY_NONLOCALIZED) == _LAST_WORDS:
            pgconn.finish()
            return


def _next_result(pgconn: PGconn) -> PGresult | None:
    """Return the next result. libpq's own wait would stop every thread, one that watches over a deadline among them."""
    while pgconn.flush():
        _wait(pgconn, select.POLLIN | select.POLLOUT)
        pgconn.consume_input()
    while pgconn.is_busy():
        _wait(pgconn, select.POLLIN)
        pgconn.consume_input()
    return pgconn.get_result()


def _wait(pgconn: PGconn, events: int) -> None:
    poll = select.poll()
    poll.register(pgconn.socket, events)
    poll.poll()


def _rows(connection: Connection, result: PGresult) -> list[dict[str, object]]:
    names = [(result.fname(number) or b"").decode() for number in range(result.nfields)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryFailedError(f"the result has more than one column named {', '.join(twice)}")
    transformer = Transformer(connection)
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, lambda values: dict(zip(names, values, strict=True)))
