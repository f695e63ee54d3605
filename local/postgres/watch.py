"""Watches the primary as RDS watches an instance: what answers no more is fenced, so that another may serve."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from local.errors import LocalError
from local.postgres.access import Connection, within
from local.postgres.cluster import Cluster
from local.postgres.credentials import SUPERUSER, read_password
from local.postgres.topology import Role

ASK_EVERY_SECONDS = 0.1
ANSWER_WITHIN_SECONDS = 1.0
CONNECT_WITHIN_SECONDS = 2
MISSES = 3
"""Unanswered questions in a row that mean a lost primary: one may be a busy machine's."""


@contextmanager
def watch_wanted(file: Path) -> Iterator[None]:
    """Have the local AWS watch the primary for as long as the `with` lasts, or this process."""
    file.write_text(str(os.getpid()), encoding="ascii")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def is_watch_wanted(file: Path) -> bool:
    """Tell whether a process that still runs wants the primary watched."""
    try:
        return psutil.pid_exists(int(file.read_text(encoding="ascii")))
    except (FileNotFoundError, ValueError):
        return False


def wait_until_lost(cluster: Cluster, is_wanted: Callable[[], bool]) -> bool:
    """Ask the primary again and again; True once it does not answer any more, False once nobody wants to know."""
    connection: Connection | None = None
    missed = 0
    try:
        while is_wanted():
            connection = _asked(cluster, connection)
            missed = 0 if connection else missed + 1
            if missed == MISSES:
                return True
            time.sleep(ASK_EVERY_SECONDS)
    finally:
        if connection:
            connection.close()
    return False


def fence_primary(cluster: Cluster) -> bool:
    """Kill a primary that was lost, so that it takes no write any more; False, and nothing is done, without a standby.

    Raises:
        LocalError: it cannot be killed.
    """
    members = cluster.members
    if not (members.topology.in_sync and members.node(Role.STANDBY).is_running()):
        return False
    members.node(Role.PRIMARY).kill()
    return True


def _asked(cluster: Cluster, connection: Connection | None) -> Connection | None:
    """Return a connection on which the primary answered just now, or None."""
    try:
        connection = connection or _connect(cluster)
        with within(connection, "an answer of the primary", ANSWER_WITHIN_SECONDS):
            connection.execute("SELECT 1")
    except (LocalError, psycopg.Error):
        if connection:
            with suppress(psycopg.Error):
                connection.close()
        return None
    return connection


def _connect(cluster: Cluster) -> Connection:
    endpoint = cluster.members.node(Role.PRIMARY).endpoint
    password = read_password(cluster.folders, SUPERUSER)
    return endpoint.connect("postgres", SUPERUSER, password, connect_timeout_seconds=CONNECT_WITHIN_SECONDS)
