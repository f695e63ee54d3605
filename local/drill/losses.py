"""Ways to lose the primary: asked for through the RDS API, killed, or frozen so that it keeps its connections."""

import os
import signal
import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import psutil

from local.errors import LocalError
from local.postgres.cluster import Cluster
from local.postgres.node import Node
from local.postgres.topology import Role

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


class Mode(StrEnum):
    """How the primary is lost."""

    FORCED = "forced"
    KILLED = "killed"
    FROZEN = "frozen"


MEANING = {
    Mode.FORCED: "a failover that was asked for: RebootDBInstance with ForceFailover",
    Mode.KILLED: "the primary and all its processes were killed; nobody asked for a failover",
    Mode.FROZEN: "the primary and all its processes were stopped (SIGSTOP): connections stay, answers do not come",
}


def force(rds: "RDSClient", instance: str) -> float:
    """Ask RDS to fail over, and return the moment before, in Unix time."""
    asked_at = time.time()
    rds.reboot_db_instance(DBInstanceIdentifier=instance, ForceFailover=True)
    return asked_at


def kill(cluster: Cluster) -> float:
    """Kill the primary, and return the moment before, in Unix time."""
    primary = cluster.members.node(Role.PRIMARY)
    killed_at = time.time()
    primary.kill()
    return killed_at


def freeze(cluster: Cluster) -> float:
    """Stop every process of the primary, and return the moment before, in Unix time."""
    postmaster = psutil.Process(_postmaster(cluster.members.node(Role.PRIMARY)))
    frozen_at = time.time()
    # The parent first: no child is born between the listing and the last of them.
    postmaster.suspend()
    for child in postmaster.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.suspend()
    return frozen_at


def hold_back_standby(cluster: Cluster) -> None:
    """Stop the primary's process that sends its log to the standby: what is written from now on does not get there.

    Not the standby's receiving process: what waits for it in the kernel's buffers is read at the promotion after all.
    """
    standby = cluster.topology.server(Role.STANDBY).name
    with cluster.connect_as_superuser() as superuser:
        query = "SELECT pid FROM pg_stat_replication WHERE application_name = %s"
        rows = superuser.execute(query, [standby]).fetchall()
    if not rows:
        raise LocalError(f"the standby {standby} does not follow the primary: nothing can be held back")
    os.kill(int(str(rows[0][0])), signal.SIGSTOP)


def _postmaster(node: Node) -> int:
    """Return the process id that the server wrote into its data directory."""
    return int((node.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
