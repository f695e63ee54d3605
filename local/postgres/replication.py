"""What the primary and its followers know of each other, and how a standby becomes one that commits wait for."""

from dataclasses import dataclass

from psycopg import sql

from local.postgres.access import Connection
from local.postgres.configuration import synchronous_with
from local.postgres.node import Node
from local.waiting import last_value, wait_until

_FOLLOW_DEADLINE_SECONDS = 30.0
_SYNC_DEADLINE_SECONDS = 30.0
_POLL_SECONDS = 0.02

_IS_SYNCHRONOUS = """
SELECT 1 FROM pg_stat_replication
WHERE application_name = %s AND state = 'streaming' AND sync_state = 'sync'
"""
_HAS_FLUSHED = """
SELECT 1 FROM pg_stat_replication
WHERE application_name = %s AND state = 'streaming' AND flush_lsn >= %s::pg_lsn
"""
# The follower is asked, not the primary: one whose log went another way still streams the old timeline for moments, and
# reports a position beyond the new primary's.
_HAS_APPLIED = """
SELECT 1 FROM pg_stat_wal_receiver
WHERE status = 'streaming' AND received_tli = %s AND pg_last_wal_replay_lsn() >= %s::pg_lsn
"""
# The first eight hexadecimal digits of a log file's name are its timeline; the control file knows it only later.
_WRITE_RECORD = """
SELECT ('x' || left(pg_walfile_name(location), 8))::bit(32)::int, location::text
FROM pg_log_standby_snapshot() AS location
"""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a primary's log.

    Args:
        timeline: Counts the promotions before.
        location: Grows with every write.
    """

    timeline: object
    location: object


def write_record(primary: Connection) -> Position:
    """Write a small record into the primary's log and return its place, which is behind everything before.

    On an idle primary a follower that was rewound, or that is asked how far it is, would wait seconds for the next one.
    """
    rows = primary.execute(_WRITE_RECORD).fetchall()
    return Position(*rows[0])


def is_synchronous(primary: Connection, standby: str) -> bool:
    """Tell whether commits wait for this standby, and it keeps up."""
    return primary.execute(_IS_SYNCHRONOUS, [standby]).fetchone() is not None


def follows(primary: Node, follower: Node, *, deadline_seconds: float) -> bool:
    """Tell whether a follower shows, before the deadline, everything that its primary has now."""
    with primary.session() as connection:
        position = write_record(connection)
    with follower.session() as connection:
        parameters = [position.timeline, position.location]
        return last_value(
            lambda: connection.execute(_HAS_APPLIED, parameters).fetchone() is not None,
            deadline_seconds=deadline_seconds,
            poll_seconds=_POLL_SECONDS,
        )


def wait_until_follows(primary: Node, follower: Node) -> None:
    """Wait until a follower shows everything that its primary has now.

    Raises:
        LocalError: it did not get there in time.
    """
    wait_until(
        f"the server {follower.name} to follow {primary.name}",
        lambda: follows(primary, follower, deadline_seconds=1.0),
        deadline_seconds=_FOLLOW_DEADLINE_SECONDS,
    )


def make_asynchronous(primary: Node) -> None:
    """Let commits wait for nobody; those that wait now, end."""
    with primary.session() as connection:
        connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
        connection.execute("SELECT pg_reload_conf()")


def make_synchronous(primary: Node, standby: Node) -> None:
    """Let commits wait for a standby from now on, and return once everything before is on it, too.

    Writers are held up only from the moment that the standby has caught up.

    Args:
        primary: Takes writes.
        standby: Was started, and follows it.

    Raises:
        LocalError: it did not catch up in time.
    """
    wait_until_follows(primary, standby)
    with primary.session() as connection:
        _require_standby(connection, standby.name)
        _wait_for_reload(primary, synchronous_with([standby.name]))
        # The checkpointer is what makes commits wait. It reads the new setting before it answers this, so no commit
        # that began later can have missed it.
        connection.execute("CHECKPOINT")
        wait_until(
            f"the standby {standby.name} to be in sync",
            lambda: is_synchronous(connection, standby.name),
            deadline_seconds=_SYNC_DEADLINE_SECONDS,
            poll_seconds=_POLL_SECONDS,
        )
        _wait_for_flush(connection, standby.name)


def _require_standby(connection: Connection, standby: str) -> None:
    setting = sql.Literal(synchronous_with([standby]))
    connection.execute(sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(setting))
    connection.execute("SELECT pg_reload_conf()")


def _wait_for_reload(primary: Node, expected: str) -> None:
    """A new connection inherits the main process's settings, which has told every other process by then."""

    def is_reloaded() -> bool:
        with primary.session() as connection:
            row = connection.execute("SHOW synchronous_standby_names").fetchone()
            return row == (expected,)

    wait_until(
        f"the server {primary.name} to read its configuration again",
        is_reloaded,
        deadline_seconds=_SYNC_DEADLINE_SECONDS,
        poll_seconds=_POLL_SECONDS,
    )


def _wait_for_flush(connection: Connection, standby: str) -> None:
    location = write_record(connection).location
    wait_until(
        f"the standby {standby} to have everything up to {location}",
        lambda: connection.execute(_HAS_FLUSHED, [standby, location]).fetchone() is not None,
        deadline_seconds=_SYNC_DEADLINE_SECONDS,
        poll_seconds=_POLL_SECONDS,
    )
