"""Runs one query so that it can neither write nor last."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from rds_postgres.connections import Connection
from rds_postgres.errors import QueryFailedError, query_error


def run_read_only(
    connection: Connection,
    query: str,
    *,
    timeout: timedelta,
    lock_timeout: timedelta,
    parameters: Mapping[str, object] | None = None,
) -> list[dict[str, object]]:
    """Return the rows of one query, run in a read-only transaction of its own.

    Args:
        connection: A connection outside any transaction.
        query: One statement that returns rows.
        timeout: How long the query may run; at least one millisecond.
        lock_timeout: How long it may wait for a lock.
        parameters: What stands for `%(name)s` in the query; without any, a per cent sign is one.

    Raises:
        QueryFailedError: the server refused the query or its timeout passed; the connection can go on.
        UnreachableError: the connection was lost.
    """
    limits = (
        "SET TRANSACTION READ ONLY;"
        f"SET LOCAL statement_timeout = {_milliseconds(timeout)};"
        f"SET LOCAL lock_timeout = {_milliseconds(lock_timeout)}"
    )
    try:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(limits.encode())
            # Binary results come by the protocol that takes one statement only: no "COMMIT; DELETE" gets out of here.
            cursor.execute(query.encode(), parameters, binary=True)
            _require_distinct_columns(cursor)
            return cursor.fetchall()
    except psycopg.Error as error:
        raise query_error(error, connection_is_lost=connection.closed) from error


def _milliseconds(duration: timedelta) -> int:
    return max(1, round(duration / timedelta(milliseconds=1)))


def _require_distinct_columns(cursor: psycopg.Cursor[dict[str, Any]]) -> None:
    names = [column.name for column in cursor.description or ()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryFailedError(f"the result has more than one column named {', '.join(twice)}")
