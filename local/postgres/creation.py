"""Creates the cluster: a seeded primary, its synchronous standby, a replica and the writer endpoint."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from local.free_ports import find_free_ports
from local.postgres.access import Endpoint, database_errors
from local.postgres.data_directory import copy_from, initialise
from local.postgres.folders import Folders
from local.postgres.members import Members
from local.postgres.node import Node
from local.postgres.preparation import prepare
from local.postgres.replication import make_synchronous, wait_until_follows
from local.postgres.seed import seed
from local.postgres.topology import Role, Server, Topology


@dataclass(frozen=True, slots=True)
class EndpointNames:
    """The RDS endpoints' host names, which the certificates hold.

    Args:
        primary: The Multi-AZ instance's; its standby has none of its own.
        replica: The read replica's.
    """

    primary: str
    replica: str


def create_cluster(folders: Folders, names: EndpointNames, say: Callable[[str], None]) -> Members:
    """Create and start the cluster; what was in the folders is removed.

    Args:
        folders: Where.
        names: The endpoints' names.
        say: Told what is being done, in words.

    Raises:
        LocalError: something is missing, or did not happen in time.
    """
    now = datetime.now(UTC)
    programs = prepare(folders, [names.primary, names.replica], now)
    members = Members(folders, programs, _new_topology(names))
    primary = members.node(Role.PRIMARY)
    say(f"PostgreSQL: creating and filling the primary {primary.name} on port {primary.endpoint.port}")
    initialise(primary)
    primary.start()
    with database_errors(f"filling the server {primary.name}"):
        seed(primary, now)
    members.writer_process.start(primary.endpoint.port)
    standby, replica = members.node(Role.STANDBY), members.node(Role.REPLICA)
    say(f"PostgreSQL: copying it to the standby {standby.name} and the replica {replica.name}")
    with ThreadPoolExecutor(max_workers=2) as pool:
        # The replica follows the writer endpoint, so that it finds the new primary after a failover by itself.
        list(pool.map(_start_copy, (standby, replica), (primary.endpoint, members.writer)))
    make_synchronous(primary, standby)
    wait_until_follows(primary, replica)
    members.topology.with_sync(in_sync=True).write(folders.topology)
    say(f"PostgreSQL: ready, the writer endpoint is port {members.writer.port}")
    return members


def _new_topology(names: EndpointNames) -> Topology:
    writer_port, *ports = find_free_ports(4)
    servers = (
        Server("node_1", Role.PRIMARY, names.primary, ports[0]),
        Server("node_2", Role.STANDBY, names.primary, ports[1]),
        Server("replica_1", Role.REPLICA, names.replica, ports[2]),
    )
    return Topology(servers, writer_port, in_sync=False)


def _start_copy(node: Node, source: Endpoint) -> None:
    copy_from(node, source)
    node.start()
