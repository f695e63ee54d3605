"""Asks a server with little patience whether it takes writes, and who follows it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from rds_operations.adapters.postgres import PostgresDatabase, translating_database_errors
from rds_operations.domain.drill_writes import DRILL_COLUMNS, DRILL_ROWS_STAY, DRILL_TABLE
from rds_operations.domain.probes import ReplicaProgress
from rds_postgres import rows
from rds_postgres.changes import run_changes
from rds_postgres.connections import Connection
from rds_postgres.deadlines import ended_after
from rds_postgres.queries import run_read_only
from rds_postgres.statements import Statement, emit_message

CONNECT_TIMEOUT_SECONDS = 3
ANSWER_TIMEOUT = timedelta(seconds=2)

_SERVER = """
SELECT split_part(current_setting('server_version'), ' ', 1) AS server_version, pg_is_in_recovery() AS in_recovery
"""
# A record in the write-ahead log and a commit that waits for it as every commit does: for the disk and, where there is
# one, for the synchronous standby. No table, no file, no right: anybody may call it (PostgreSQL manual, "Replication
# Management Functions"), also in a session whose transactions are read-only by default, because no data change.
_WRITE = emit_message("langpont-rds", "probe")
# RDS's replicas all call themselves walreceiver, but each has a slot of its own. RDS shows no Multi-AZ standby here, so
# a synchronous one is left out. replay_lag is NULL when nothing is under way.
_REPLICAS = """
SELECT coalesce(s.slot_name::text, nullif(r.application_name, ''), host(r.client_addr), 'unnamed') AS name, r.state,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
                       r.replay_lsn) AS bytes,
       extract(epoch FROM r.replay_lag) AS seconds
FROM pg_stat_replication AS r LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid
WHERE r.sync_state <> 'sync'
ORDER BY 1
"""
# The rows of a whole drill, some ten thousand at most.
_ROWS = f"SELECT sequence FROM {'.'.join(DRILL_TABLE)} WHERE run = %(run)s ORDER BY sequence"  # noqa: S608 - constant


class PostgresProbe:
    """A `DatabaseProbe`.

    Args:
        database: The database, with a short wait for a connection.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    @contextmanager
    def reach(self) -> "Iterator[PostgresProbedServer]":
        """Open a connection for the block.

        Raises:
            RefusedError: the login is refused, or the server's certificate is.
            RetryableError: nobody answered in time, or the server takes no connections now.
        """
        with self._database.connection() as connection:
            (row,) = _ask(connection, _SERVER)
            yield PostgresProbedServer(connection, str(row["server_version"]), in_recovery=bool(row["in_recovery"]))


class PostgresProbedServer:
    """A `ProbedServer` on one connection.

    Args:
        connection: An autocommitting connection.
        server_version: What the server says.
        in_recovery: What the server says.
    """

    def __init__(self, connection: Connection, server_version: str, *, in_recovery: bool) -> None:
        self._connection = connection
        self.server_version = server_version
        self.in_recovery = in_recovery

    def write(self) -> None:
        """Commit something that leaves no trace in the database.

        Raises:
            RefusedError: the server takes no writes.
            RetryableError: there was no answer in time, or the connection was lost.
        """
        self._change(_WRITE)

    def write_row(self, run: int, sequence: int) -> None:
        """Commit one row of a drill; errors as `write`. After a lost connection it may be there or not."""
        self._change(rows.insert_row(DRILL_TABLE, dict(zip(DRILL_COLUMNS, (run, sequence), strict=True))))

    def row_numbers(self, run: int) -> Sequence[int]:
        """Return the sequence numbers of the rows of a drill that are there; errors as `write`."""
        found = _ask(self._connection, _ROWS, {"run": run})
        return [number for row in found if isinstance(number := row["sequence"], int)]

    def forget_rows(self, run: int) -> None:
        """Remove the rows of a drill, and those that earlier ones left; errors as `write`."""
        self._change(rows.delete_rows(DRILL_TABLE, DRILL_COLUMNS[0], run, older_than=DRILL_ROWS_STAY))

    def replicas(self) -> Sequence[ReplicaProgress]:
        """Return who follows the server, and how far behind; errors as `write`."""
        return [_progress(row) for row in _ask(self._connection, _REPLICAS)]

    def _change(self, statement: Statement) -> None:
        """Commit one statement. Each has a limit of its own: a wait that is cancelled claims success."""
        self._connection.read_only = False
        with translating_database_errors(), ended_after(self._connection, ANSWER_TIMEOUT):
            run_changes(self._connection, [statement], timeout=ANSWER_TIMEOUT, lock_timeout=ANSWER_TIMEOUT)


class PostgresQuestions:
    """A database that answers a question over a connection of its own.

    Args:
        database: The database, with a short wait for a connection.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def rows(self, sql: str) -> Sequence[Mapping[str, object]]:
        """Return the rows of one query, which may take 2 s; errors as `PostgresProbe.reach` and `write`."""
        with self._database.connection() as connection:
            return _ask(connection, sql)


def _ask(
    connection: Connection, query: str, parameters: Mapping[str, object] | None = None
) -> Sequence[Mapping[str, object]]:
    with translating_database_errors(), ended_after(connection, ANSWER_TIMEOUT):
        return run_read_only(
            connection, query, timeout=ANSWER_TIMEOUT, lock_timeout=ANSWER_TIMEOUT, parameters=parameters
        )


def _progress(row: Mapping[str, object]) -> ReplicaProgress:
    missing, seconds = _number(row["bytes"]), _number(row["seconds"])
    # Nothing under way and nothing missing: it is as far as the primary.
    seconds = 0.0 if seconds is None and missing == 0 else seconds
    return ReplicaProgress(str(row["name"]), str(row["state"]), None if missing is None else int(missing), seconds)


def _number(found: object) -> float | None:
    return float(found) if isinstance(found, Decimal | float | int) else None
