"""The embedded database as the rest of `local/` uses it.

Every process of the environment may load it: what it is made of is read from its files at each call, and a lock lets
one process at a time change it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import LocalError
from local.locks import exclusive
from local.ownership import owned_by_this_user
from local.postgres import recovery
from local.postgres.access import Connection, Endpoint
from local.postgres.creation import EndpointNames, create_cluster
from local.postgres.failover import Failover, fail_over, refusal
from local.postgres.folders import Folders
from local.postgres.members import Members
from local.postgres.node import PROCESS_PREFIX
from local.postgres.postmaster import forget_postmaster
from local.postgres.recovery import Recovered
from local.postgres.revival import revive_primary, revive_writer_endpoint
from local.postgres.seed import set_role_password
from local.postgres.topology import Role, Topology
from local.processes import Processes

_LOCK_DEADLINE_SECONDS = 60.0
_PASSWORD_DEADLINE_SECONDS = 30.0


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

        1. primary and writer endpoint run: what else is missing is rebuilt
        2. either is dead: it is started again on its port, with its data, and what else is missing is rebuilt
        3. there is none of these names, or its primary does not start: what is left is stopped, a new one is created

        Raises:
            LocalError: it cannot be brought up; nothing is left running of one that was being created.
        """
        with self._changing(deadline_seconds=_LOCK_DEADLINE_SECONDS):
            if self._has_primary(names):
                revive_writer_endpoint(self.members)
                self._make_whole()
            else:
                self._clear()
                self._create(names)

    def down(self) -> None:
        """Stop everything and remove the data; harmless when there is nothing."""
        with self._changing(deadline_seconds=_LOCK_DEADLINE_SECONDS):
            self._clear()

    def is_whole(self, names: EndpointNames) -> bool:
        """Tell whether the cluster of these names takes writes: its primary and its writer endpoint run.

        Raises:
            LocalError: its description is damaged, or it is another user's.
        """
        if not self._is_created(names):
            return False
        members = self.members
        return members.node(Role.PRIMARY).is_running() and members.writer_process.is_running()

    def fail_over(self, *, deadline_seconds: float = 0.0) -> Failover:
        """Kill the primary, promote the standby, move the writer endpoint; rebuild_standby comes next.

        Args:
            deadline_seconds: How long to wait for another change to end.

        Raises:
            LocalError: the standby is not in sync, or another change is under way, and nothing was done; or the standby
                could not be promoted, and this may be repeated.
        """
        with self._changing(deadline_seconds=deadline_seconds):
            return fail_over(self.members)

    def rebuild_standby(self, *, deadline_seconds: float = 0.0) -> Recovered:
        """Make the old primary the synchronous standby; harmless when there is one.

        Args:
            deadline_seconds: How long to wait for another change to end.

        Raises:
            LocalError: another change is under way, or the standby does not catch up.
        """
        with self._changing(deadline_seconds=deadline_seconds):
            return recovery.rebuild_standby(self.members)

    def ensure_replica_follows(self, *, deadline_seconds: float = 0.0) -> Recovered:
        """Wait until the replica has what the primary has now, and copy it anew if it cannot get there.

        Args:
            deadline_seconds: How long to wait for another change to end.

        Raises:
            LocalError: another change is under way, or even the copy does not follow.
        """
        with self._changing(deadline_seconds=deadline_seconds):
            return recovery.ensure_replica_follows(self.members)

    def is_in_sync(self) -> bool:
        """Tell whether a failover would be accepted now, and lose nothing; the primary may be dead already."""
        return refusal(self.members) is None

    def set_role_password(
        self, role: str, password: str, *, deadline_seconds: float = _PASSWORD_DEADLINE_SECONDS
    ) -> None:
        """Give a role another password on the primary, and keep it in its file.

        Args:
            role: An existing role.
            password: Its new password.
            deadline_seconds: How long the primary may wait for its standby.

        Raises:
            LocalError: there is no such role, or the primary does not answer.
        """
        with self.members.node(Role.PRIMARY).session() as superuser:
            set_role_password(superuser, self.folders, role, password, deadline_seconds=deadline_seconds)

    def connect_as_superuser(self, database: str = "postgres") -> Connection:
        """Return an autocommit connection to the primary that may do everything.

        Raises:
            LocalError: the primary cannot be reached; what goes wrong on the connection later is psycopg's to say.
        """
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

    def _is_created(self, names: EndpointNames) -> bool:
        with owned_by_this_user(f"the database in {self.folders.base}"):
            if not self.folders.topology.exists():
                return False
        members = self.members
        return (members.writer.host, members.endpoint(Role.REPLICA).host) == (names.primary, names.replica)

    def _has_primary(self, names: EndpointNames) -> bool:
        """Tell whether the primary runs, or runs again."""
        if not self._is_created(names):
            return False
        try:
            revive_primary(self.members)
        except LocalError as error:
            self._say(f"PostgreSQL: the primary does not start again, everything is created anew ({error})")
            return False
        return True

    def _create(self, names: EndpointNames) -> None:
        try:
            create_cluster(self.folders, names, self._say)
        except BaseException:
            Processes(self.folders.root).stop_leftovers(PROCESS_PREFIX)
            raise

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

    @contextmanager
    def _changing(self, *, deadline_seconds: float = 0.0) -> Iterator[None]:
        """Let one process at a time change the cluster."""
        busy = "the database is being changed by another failover, start or stop: try again later"
        with (
            owned_by_this_user(f"the database in {self.folders.base}"),
            exclusive(self.folders.lock, busy, deadline_seconds=deadline_seconds),
        ):
            yield
