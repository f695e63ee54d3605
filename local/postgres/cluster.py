"""The embedded database as the rest of `local/` uses it.

Every process of the environment may load it: what it is made of is read from its files at each call, and a lock lets
one process at a time change it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from local.locks import exclusive
from local.postgres import recovery
from local.postgres.access import Connection, Endpoint
from local.postgres.creation import EndpointNames, create_cluster
from local.postgres.failover import Failover, fail_over, refusal
from local.postgres.folders import Folders
from local.postgres.members import Members
from local.postgres.node import PROCESS_PREFIX, forget_postmaster
from local.postgres.recovery import Recovered
from local.postgres.seed import set_role_password
from local.postgres.topology import Role, Topology
from local.processes import Processes

_LOCK_DEADLINE_SECONDS = 60.0


def _say_nothing(_: str) -> None:
    return


class Cluster:
    """A primary, a synchronous standby, a replica and the movable writer endpoint under one root directory.

    Args:
        root: The environment's root directory.
        say: Told what is being done, in words.
    """

    def __init__(self, root: Path, say: Callable[[str], None] = _say_nothing) -> None:
        self.folders = Folders(root)
        self._say = say

    @classmethod
    def load(cls, root: Path) -> "Cluster":
        """Return the cluster that is up under a root directory.

        Raises:
            LocalError: there is none.
        """
        cluster = cls(root)
        Members.load(cluster.folders)
        return cluster

    def up(self, names: EndpointNames) -> None:
        """Bring the cluster up; harmless when it is.

        1. it is whole: nothing is done
        2. primary and writer endpoint run: what else is missing is rebuilt
        3. otherwise what is left of it is stopped, and a new one is created

        Raises:
            LocalError: it cannot be brought up; nothing is left running of one that was being created.
        """
        with self._changing(deadline_seconds=_LOCK_DEADLINE_SECONDS):
            if self._has_living_primary(names):
                self._make_whole()
                return
            self._clear()
            try:
                create_cluster(self.folders, names, self._say)
            except BaseException:
                Processes(self.folders.root).stop_leftovers(PROCESS_PREFIX)
                raise

    def down(self) -> None:
        """Stop everything and remove the data; harmless when there is nothing."""
        with self._changing(deadline_seconds=_LOCK_DEADLINE_SECONDS):
            self._clear()

    def fail_over(self) -> Failover:
        """Kill the primary, promote the standby, move the writer endpoint; rebuild_standby comes next.

        Raises:
            LocalError: the standby is not in sync, or another change is under way; nothing was done.
        """
        with self._changing():
            return fail_over(self.members)

    def rebuild_standby(self) -> Recovered:
        """Make the old primary the synchronous standby; harmless when there is one.

        Raises:
            LocalError: another change is under way, or the standby does not catch up.
        """
        with self._changing():
            return recovery.rebuild_standby(self.members)

    def ensure_replica_follows(self) -> Recovered:
        """Wait until the replica has what the primary has now, and copy it anew if it cannot get there.

        Raises:
            LocalError: another change is under way, or even the copy does not follow.
        """
        with self._changing():
            return recovery.ensure_replica_follows(self.members)

    def is_in_sync(self) -> bool:
        """Tell whether a failover would be accepted now, and lose nothing; the primary may be dead already."""
        return refusal(self.members) is None

    def set_role_password(self, role: str, password: str) -> None:
        """Give a role another password on the primary, and keep it in its file.

        Raises:
            LocalError: there is no such role.
        """
        with self.connect_as_superuser() as superuser:
            set_role_password(superuser, self.folders, role, password)

    def connect_as_superuser(self, database: str = "postgres") -> Connection:
        """Return an autocommit connection to the primary that may do everything."""
        return self.members.node(Role.PRIMARY).connect(database)

    @property
    def members(self) -> Members:
        """Return the servers as they are now."""
        return Members.load(self.folders)

    @property
    def topology(self) -> Topology:
        """Return who plays which part now."""
        return self.members.topology

    @property
    def writer(self) -> Endpoint:
        """Return the endpoint that leads to the primary; its name and port outlive every failover."""
        return self.members.writer

    @property
    def replica(self) -> Endpoint:
        """Return the replica's endpoint."""
        return self.members.endpoint(Role.REPLICA)

    def _has_living_primary(self, names: EndpointNames) -> bool:
        if not self.folders.topology.exists():
            return False
        members = self.members
        has_names = (members.writer.host, members.endpoint(Role.REPLICA).host) == (names.primary, names.replica)
        return has_names and members.node(Role.PRIMARY).is_running() and members.writer_process.is_running()

    def _make_whole(self) -> None:
        standby = recovery.rebuild_standby(self.members)
        replica = recovery.ensure_replica_follows(self.members)
        for server in (standby, replica):
            if server.method is not recovery.Method.NONE:
                self._say(f"PostgreSQL: {server.server} did not follow; made anew with {server.method}")

    def _clear(self) -> None:
        Processes(self.folders.root).stop_leftovers(PROCESS_PREFIX)
        for data in self.folders.base.glob("*/data"):
            forget_postmaster(data)
        self.folders.remove()

    def _changing(self, *, deadline_seconds: float = 0.0) -> AbstractContextManager[None]:
        """Let one process at a time change the cluster."""
        busy = "the database is being changed by another failover, start or stop: try again later"
        return exclusive(self.folders.lock, busy, deadline_seconds=deadline_seconds)
