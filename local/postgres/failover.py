"""Loses the primary on purpose: the synchronous standby takes over, and the writer endpoint moves to it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from local.errors import LocalError
from local.postgres.members import Members
from local.postgres.node import Node
from local.postgres.replication import is_synchronous
from local.postgres.topology import Role


@dataclass(frozen=True, slots=True)
class Failover:
    """What happened when, in UTC.

    Args:
        old_primary: The name of the server that was killed.
        new_primary: The name of the server that was promoted.
        started_at: The moment before the kill.
        killed_at: The old primary and all its processes were gone.
        promoted_at: The new primary took writes.
        repointed_at: The writer endpoint led to it.
    """

    old_primary: str
    new_primary: str
    started_at: datetime
    killed_at: datetime
    promoted_at: datetime
    repointed_at: datetime

    def write(self, path: Path) -> None:
        """Put it into a file, all of it or nothing: another process may want to know the moments."""
        unfinished = path.with_suffix(".writing")
        unfinished.write_text(json.dumps(asdict(self), default=datetime.isoformat) + "\n", encoding="utf-8")
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the failover in a file, or None where there was none yet.

        Raises:
            LocalError: the file is damaged.
        """
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            moments = {name: datetime.fromisoformat(text) for name, text in fields.items() if name.endswith("_at")}
            return cls(**{**fields, **moments})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, AttributeError) as error:
            raise LocalError(f"{path} is damaged: {error}") from error


def fail_over(members: Members) -> Failover:
    """Kill the primary, promote the standby, move the writer endpoint.

    It may be repeated after an interruption, and finishes then. The new primary has no standby until recovery.py gives
    it one, and takes writes without.

    Raises:
        LocalError: the standby is not in sync, so that commits could be lost; nothing was done.
    """
    primary, standby = members.node(Role.PRIMARY), members.node(Role.STANDBY)
    reason = refusal(members)
    if reason:
        raise LocalError(reason)
    with standby.session() as connection:
        started_at = datetime.now(UTC)
        primary.kill()
        killed_at = datetime.now(UTC)
        standby.promote(connection)
        promoted_at = datetime.now(UTC)
        members.writer_process.point_to(standby.endpoint.port)
        repointed_at = datetime.now(UTC)
    members.topology.failed_over().write(members.folders.topology)
    failover = Failover(primary.name, standby.name, started_at, killed_at, promoted_at, repointed_at)
    failover.write(members.folders.last_failover)
    return failover


def refusal(members: Members) -> str | None:
    """Return why a failover could lose commits or cannot be done, as a sentence; None if it is safe."""
    primary, standby = members.node(Role.PRIMARY), members.node(Role.STANDBY)
    if not members.topology.in_sync:
        return (
            f"no failover: the standby {standby.name} is not in sync with the primary {primary.name}, and commits "
            "could be lost; it has to be rebuilt first"
        )
    if not standby.is_running() or (primary.is_running() and _says_out_of_sync(primary, standby)):
        return (
            f"no failover: the standby {standby.name} does not stream from the primary {primary.name} at this moment; "
            "it has to be rebuilt first"
        )
    return None


def _says_out_of_sync(primary: Node, standby: Node) -> bool:
    try:
        with primary.session() as connection:
            return not is_synchronous(connection, standby.name)
    except LocalError:
        # It hangs. Like a dead one it cannot be asked, and like a dead one it acknowledged nothing that the standby,
        # which it had to wait for, does not have.
        return False
