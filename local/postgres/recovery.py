"""Makes the cluster whole after a failover: the old primary becomes the synchronous standby, the replica follows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from local.errors import LocalError
from local.postgres.data_directory import copy_from, rewind_to
from local.postgres.members import Members
from local.postgres.node import Node
from local.postgres.replication import (
    follows,
    is_synchronous,
    make_asynchronous,
    make_synchronous,
    wait_until_follows,
    write_record,
)
from local.postgres.topology import Role

# A replica that can follow is back within half a second; one whose log is ahead of the new primary's never is.
_FOLLOW_GRACE_SECONDS = 5.0


class Method(StrEnum):
    """How a server was made a follower again."""

    NONE = "none was needed"
    REWIND = "pg_rewind"
    COPY = "pg_basebackup"


@dataclass(frozen=True, slots=True)
class Recovered:
    """How and when a server followed the primary again.

    Args:
        server: Its name.
        method: What it took.
        started_at: The moment before the first look, in UTC.
        following_at: It had everything; a standby is also one that commits wait for.
        why_not_rewound: What pg_rewind said, where it failed and a copy was made.
    """

    server: str
    method: Method
    started_at: datetime
    following_at: datetime
    why_not_rewound: str = ""


def rebuild_standby(members: Members) -> Recovered:
    """Make the server that should be the standby one, and let commits wait for it again.

    Raises:
        LocalError: the primary does not answer, or the standby does not catch up.
    """
    started_at = datetime.now(UTC)
    primary, standby = members.node(Role.PRIMARY), members.node(Role.STANDBY)
    if standby_is_in_sync(members):
        return Recovered(standby.name, Method.NONE, started_at, datetime.now(UTC))
    members.topology.with_sync(in_sync=False).write(members.folders.topology)
    make_asynchronous(primary)
    standby.stop()
    method, why_not_rewound = _restore_data(standby, primary)
    with primary.session() as connection:
        write_record(connection)
    standby.start()
    make_synchronous(primary, standby)
    members.topology.with_sync(in_sync=True).write(members.folders.topology)
    return Recovered(standby.name, method, started_at, datetime.now(UTC), why_not_rewound)


def standby_is_in_sync(members: Members) -> bool:
    """Tell whether a failover would lose nothing, now and after it was recorded."""
    standby = members.node(Role.STANDBY)
    if not (members.topology.in_sync and standby.is_running()):
        return False
    with members.node(Role.PRIMARY).session() as primary:
        return is_synchronous(primary, standby.name)


def ensure_replica_follows(members: Members) -> Recovered:
    """Wait until the replica has what the primary has; copy it anew if it cannot get there.

    Raises:
        LocalError: the primary does not answer, or even the copy does not follow.
    """
    started_at = datetime.now(UTC)
    primary, replica = members.node(Role.PRIMARY), members.node(Role.REPLICA)
    if replica.is_running() and _follows(primary, replica):
        return Recovered(replica.name, Method.NONE, started_at, datetime.now(UTC))
    replica.stop()
    copy_from(replica, members.writer)
    replica.start()
    wait_until_follows(primary, replica)
    return Recovered(replica.name, Method.COPY, started_at, datetime.now(UTC))


def _follows(primary: Node, replica: Node) -> bool:
    try:
        return follows(primary, replica, deadline_seconds=_FOLLOW_GRACE_SECONDS)
    except LocalError:
        # A replica that takes no connections follows nobody; if it is the primary, the copy will say so.
        return False


def _restore_data(standby: Node, primary: Node) -> tuple[Method, str]:
    try:
        rewind_to(standby, primary.endpoint)
    except LocalError as error:
        copy_from(standby, primary.endpoint)
        return Method.COPY, str(error)
    return Method.REWIND, ""
