"""Counts the application's connections on each server while a load runs."""

import threading
from types import TracebackType
from typing import Self

from local.errors import LocalError
from local.postgres.access import Connection
from local.postgres.cluster import Cluster
from local.postgres.topology import Role

_LOOK_EVERY_SECONDS = 0.5
_END_WITHIN_SECONDS = 30.0
_COUNT = b"SELECT count(*) FROM pg_stat_activity WHERE usename IN ('langpont_app', 'langpont_readonly')"


class ConnectionCounter:
    """Counts for as long as the `with` lasts; what cannot be asked any more, as in a failover, keeps its count.

    Args:
        cluster: Whose servers.
    """

    def __init__(self, cluster: Cluster) -> None:
        members = cluster.members
        self._servers = {role: members.node(role) for role in (Role.PRIMARY, Role.REPLICA)}
        self._most: dict[str, int] = {}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._count, args=(role,), daemon=True) for role in self._servers]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=_END_WITHIN_SECONDS)

    @property
    def most(self) -> dict[str, int]:
        """The most connections that each server had at a time, by its part."""
        return dict(self._most)

    def _count(self, role: Role) -> None:
        try:
            with self._servers[role].session() as connection:
                while not self._stop.wait(_LOOK_EVERY_SECONDS):
                    self._most[role.value] = max(self._most.get(role.value, 0), _counted(connection))
        except LocalError:
            # The server is lost, on purpose perhaps: what was counted until then stays.
            return


def _counted(connection: Connection) -> int:
    row = connection.execute(_COUNT).fetchone()
    return int(str(row[0])) if row else 0
