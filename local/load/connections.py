"""Counts the application's connections on each server while a load runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from local.errors import LocalError
from local.postgres.access import Connection
from local.postgres.cluster import Cluster
from local.postgres.node import Node
from local.postgres.topology import Role

_LOOK_EVERY_SECONDS = 0.5
_END_WITHIN_SECONDS = 30.0
_COUNT = b"SELECT count(*) FROM pg_stat_activity WHERE usename IN ('langpont_app', 'langpont_readonly')"


@contextmanager
def counted_connections(cluster: Cluster) -> Iterator[dict[str, int]]:
    """Yield the most connections that each server has at a time, by its part, kept up to date within the `with`.

    Args:
        cluster: Whose servers.
    """
    members, most, stop = cluster.members, dict[str, int](), threading.Event()

    def count(role: Role) -> None:
        for found in _counts(members.node(role), stop):
            most[role.value] = max(most.get(role.value, 0), found)

    threads = [threading.Thread(target=count, args=(role,), daemon=True) for role in (Role.PRIMARY, Role.REPLICA)]
    for thread in threads:
        thread.start()
    try:
        yield most
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=_END_WITHIN_SECONDS)


def _counts(server: Node, stop: threading.Event) -> Iterator[int]:
    """Yield counts until told to stop, or until the server is lost, on purpose perhaps."""
    try:
        with server.session() as connection:
            while not stop.wait(_LOOK_EVERY_SECONDS):
                yield _counted(connection)
    except LocalError:
        return


def _counted(connection: Connection) -> int:
    row = connection.execute(_COUNT).fetchone()
    return int(str(row[0])) if row else 0
