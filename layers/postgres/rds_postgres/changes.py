"""Changes a database, each change all of it or nothing, and none for long."""

from collections.abc import Sequence
from datetime import timedelta

import psycopg
from psycopg import sql

from rds_postgres.connections import Connection
from rds_postgres.errors import query_error
from rds_postgres.statements import Statement


def run_changes(
    connection: Connection, statements: Sequence[Statement], *, timeout: timedelta, lock_timeout: timedelta
) -> None:
    """Run statements in a transaction of their own.

    Args:
        connection: A connection outside any transaction.
        statements: What to run, in that order.
        timeout: How long each may take.
        lock_timeout: How long each may wait for a lock.

    Raises:
        QueryFailedError: the server refused a statement, and none of them took effect; the connection can go on.
        UnreachableError: the connection was lost, and the last of the statements may or may not have taken effect.
    """
    try:
        with connection.transaction(), connection.cursor() as cursor:
            for name, limit in (("statement_timeout", timeout), ("lock_timeout", lock_timeout)):
                milliseconds = sql.Literal(round(limit / timedelta(milliseconds=1)))
                cursor.execute(sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), milliseconds))
            for statement in statements:
                cursor.execute(statement)
    except psycopg.Error as error:
        raise query_error(error, connection_is_lost=connection.closed) from error


def scram_verifier(connection: Connection, role: str, password: str) -> str:
    """Return what the server keeps of a password: enough to check it, and nothing to log in with.

    libpq makes it here, so that the password itself is in no statement and therefore in no log of the server.

    Args:
        connection: Whose encoding counts.
        role: Whose password.
        password: The password.
    """
    made: bytes = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode()
