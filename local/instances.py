"""The names that the embedded cluster's servers have as RDS instances."""

from dataclasses import replace
from pathlib import Path

from local.environment import Environment, Instance, PostgresAccess
from local.free_ports import LOOPBACK
from local.postgres.cluster import Cluster
from local.postgres.creation import EndpointNames
from local.postgres.credentials import MASTER_USER
from local.postgres.recovery import Recovered
from local.postgres.seed import DATABASE
from local.postgres.topology import Role, Server

# An endpoint's name is <identifier>.<one word an account and region>.<region>.rds.amazonaws.com.
_DOMAIN = "local0000000.ap-northeast-1.rds.amazonaws.com"

# What template.yaml names the instances of the local deployment.
ENDPOINT_NAMES = EndpointNames(primary=f"langpont-prod-db.{_DOMAIN}", replica=f"langpont-prod-replica-1.{_DOMAIN}")


def identifier(host: str) -> str:
    """Return the identifier of the instance that an endpoint name belongs to."""
    return host.split(".", 1)[0]


def describe_access(cluster: Cluster) -> PostgresAccess:
    """Return what is needed to reach the cluster as it is now."""
    topology, writer, replica = cluster.topology, cluster.writer, cluster.replica
    standby = topology.server(Role.STANDBY)
    return PostgresAccess(
        primary=Instance(identifier(writer.host), writer.host_address, writer.port, writer.host),
        standby=Instance(f"{identifier(writer.host)}-standby", LOOPBACK, standby.port),
        replicas=(Instance(identifier(replica.host), replica.host_address, replica.port, replica.host),),
        nodes=tuple(_node(server) for server in topology.servers),
        ca_bundle=str(cluster.folders.ca_bundle),
        database=DATABASE,
        admin_user=MASTER_USER,
        admin_password_file=str(cluster.folders.password_file(MASTER_USER)),
    )


class DescribedCluster(Cluster):
    """A cluster that keeps the environment's description true: a failover makes another server the standby.

    Args:
        root: The environment's root directory.
        description: `environment.json`, where the environment is up.
    """

    def __init__(self, root: Path, description: Path) -> None:
        super().__init__(root)
        self._description = description

    def rebuild_standby(self, *, deadline_seconds: float = 0.0) -> Recovered:
        """Make the old primary the standby, and describe it as that."""
        recovered = super().rebuild_standby(deadline_seconds=deadline_seconds)
        if self._description.exists():
            replace(Environment.read(self._description), postgres=describe_access(self)).write(self._description)
        return recovered


def _node(server: Server) -> Instance:
    return Instance(server.name, LOOPBACK, server.port, server.host)
