"""Asks one server where it is, over a connection of its own, and takes silence for an answer."""

import asyncio
import math
import os
import socket
import time
from contextlib import suppress
from typing import Any, Final, LiteralString

import psycopg

from langpont_db.cluster_view import Sample
from langpont_db.connecting import Connector
from langpont_db.control_file import RIGHTS_QUERY, ControlRights
from langpont_db.positions import end_of_records, parse_lsn
from rds_postgres.errors import PostgresError

ANSWER_LIMIT_SECONDS: Final = 1.0
# A limit that passes this much late was not the server's to keep: this process itself had no time.
LATENESS_SECONDS: Final = 0.25
_APPLICATION_NAME = "langpont-monitor"

# pg_walfile_name knows the primary's timeline at once, but only there; a replica's control file knows it from its last
# restartpoint on, its receiver at once, but only to roles that may see it (pg_read_all_stats).
SAMPLE_QUERY: Final = """
SELECT r AS is_in_recovery,
       (SELECT system_identifier FROM pg_control_system()) AS system,
       (CASE WHEN r THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END)::text AS lsn,
       (CASE WHEN r THEN pg_last_wal_receive_lsn() END)::text AS received,
       (CASE WHEN r THEN pg_snapshot_xmin(s) ELSE pg_snapshot_xmax(s) END)::text AS transaction,
       pg_snapshot_xmin(s)::text AS oldest,
       CASE WHEN NOT r THEN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
            ELSE greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                          (SELECT received_tli FROM pg_stat_wal_receiver)) END AS timeline,
       CASE WHEN r THEN pg_is_wal_replay_paused() ELSE false END AS is_paused,
       pg_postmaster_start_time()::text || inet_server_addr()::text AS server,
       pg_backend_pid() AS backend_pid
  FROM pg_is_in_recovery() AS r, pg_current_snapshot() AS s
"""

# A transaction that only takes its number leaves a commit in the log, and nobody waits until it is on a standby.
_NUDGE: Final = "BEGIN; SET LOCAL synchronous_commit TO off; SELECT pg_current_xact_id(); COMMIT"

type Row = tuple[bool, int, str | None, str | None, str, str, int, bool, str | None, int]


class ProbeError(Exception):
    """The server did not answer.

    Args:
        message: Why.
        is_silent: Whether nobody said anything, rather than no.
    """

    def __init__(self, message: str, *, is_silent: bool) -> None:
        super().__init__(message)
        self.is_silent = is_silent


def sample_of(row: Row, asked_at: float) -> Sample:
    """Return the sample in a row of `SAMPLE_QUERY`.

    Args:
        row: The row.
        asked_at: When it was asked for, in seconds of the monotonic clock.
    """
    is_in_recovery, system, lsn, received, transaction, oldest, timeline, is_paused, server, _ = row
    return Sample(
        asked_at=asked_at,
        is_in_recovery=is_in_recovery,
        system=system,
        lsn=end_of_records(parse_lsn(lsn)) if lsn else 0,
        received=parse_lsn(received) if received else 0,
        transaction=int(transaction),
        oldest=int(oldest),
        timeline=timeline,
        is_paused=is_paused,
        server=server or "",
    )


class Probe:
    """One server's probe; it keeps its connection, and makes another when that is lost.

    Args:
        connector: How to connect.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self.connected_at = 0.0

    async def ask(self) -> Sample:
        """Return what the server answers.

        Raises:
            ProbeError: it did not; the connection is gone, and the next question is asked over a new one.
        """
        parameters = {} if self._connection else await self._log_in()
        asked_at = time.monotonic()
        try:
            connection = self._connection or await self._connect(parameters)
            row = await self._ask(connection)
            if row is None:
                raise psycopg.DataError("the server answered without a row")
        except (psycopg.Error, OSError) as error:  # a TimeoutError is an OSError
            await self.close()
            is_silent = is_silence(time.monotonic() - asked_at)
            words = " ".join(str(error).split()) or f"no answer within {ANSWER_LIMIT_SECONDS:g} s"
            raise ProbeError(words, is_silent=is_silent) from error
        # A pooler answers with a process of its own.
        self._connector.is_direct = connection.info.backend_pid == row[-1]
        return sample_of(row, asked_at)

    async def nudge(self) -> None:
        """Let the primary's log grow a little; that it cannot is no news, the next question finds out why."""
        if self._connection is not None:
            try:
                await self._within_limit(self._connection, _NUDGE)
            except (psycopg.Error, OSError):
                # It may have stopped in the middle, and the next question is not to be part of it.
                await self.close()

    async def close(self) -> None:
        """End the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _log_in(self) -> dict[str, Any]:
        try:
            parameters = await self._connector.parameters_beside()
        except PostgresError as error:
            # However long that took: the server was not asked.
            raise ProbeError(str(error), is_silent=False) from error
        return parameters | {"application_name": _APPLICATION_NAME}

    async def _connect(self, parameters: dict[str, Any]) -> psycopg.AsyncConnection[Row]:
        self.connected_at = time.monotonic()
        async with asyncio.timeout(ANSWER_LIMIT_SECONDS):
            self._connection = await psycopg.AsyncConnection.connect(
                **parameters, autocommit=True, prepare_threshold=None
            )
        return self._connection

    async def _ask(self, connection: psycopg.AsyncConnection[Row]) -> Any:
        try:
            return await self._within_limit(connection, self._connector.control.allowed(SAMPLE_QUERY))
        except psycopg.errors.InsufficientPrivilege:
            self._connector.control = ControlRights(*await self._within_limit(connection, RIGHTS_QUERY))
        return await self._within_limit(connection, self._connector.control.allowed(SAMPLE_QUERY))

    async def _within_limit(self, connection: psycopg.AsyncConnection[Any], query: LiteralString) -> Any:
        with socket.socket(fileno=os.dup(connection.fileno())) as same:
            limit = _Limit(same)
            try:
                cursor = await connection.execute(query)
                return await cursor.fetchone() if cursor.description else None
            finally:
                limit.cancel()


def is_silence(elapsed_seconds: float) -> bool:
    """Tell whether a server that failed to answer was silent; a new connection and a question take a limit each.

    Args:
        elapsed_seconds: Since it was asked.
    """
    return ANSWER_LIMIT_SECONDS <= elapsed_seconds <= 2 * (ANSWER_LIMIT_SECONDS + LATENESS_SECONDS)


class _Limit:
    """Ends a conversation when no answer comes in time.

    Not a timeout of asyncio: psycopg would ask a server that is silent to cancel, and wait for that, too.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + ANSWER_LIMIT_SECONDS
        self._timer = self._loop.call_at(self._due, self._pass)

    def cancel(self) -> None:
        self._timer.cancel()

    def _pass(self) -> None:
        if self._loop.time() - self._due > LATENESS_SECONDS:
            # The answer may be there, and nobody has had time to read it.
            self._due = math.inf
            self._timer = self._loop.call_later(LATENESS_SECONDS, self._pass)
        else:
            with suppress(OSError):  # the other side was faster
                self._connected.shutdown(socket.SHUT_RDWR)
