"""The servers of the cluster and its writer endpoint, ready to be acted upon."""

from dataclasses import dataclass

from local.errors import LocalError
from local.ownership import owned_by_this_user
from local.postgres.access import Endpoint
from local.postgres.folders import Folders
from local.postgres.node import Node
from local.postgres.programs import Programs, find_programs
from local.postgres.topology import Role, Topology
from local.postgres.writer_process import WriterProcess


@dataclass(frozen=True, slots=True)
class Members:
    """The cluster at one moment; a failover makes it outdated.

    Args:
        folders: Where the environment keeps the database.
        programs: PostgreSQL's programs.
        topology: Who plays which part.
    """

    folders: Folders
    programs: Programs
    topology: Topology

    @classmethod
    def load(cls, folders: Folders) -> "Members":
        """Return the cluster that was created in these folders.

        Raises:
            LocalError: there is none, its description is damaged, or it is another user's.
        """
        with owned_by_this_user(f"the database in {folders.base}"):
            if not folders.topology.exists():
                raise LocalError(f"there is no database in {folders.base}: start the environment first (make up)")
            return cls(folders, find_programs(), Topology.read(folders.topology))

    def node(self, role: Role) -> Node:
        """Return the server that plays a part."""
        server = self.topology.server(role)
        return Node(server.name, self.endpoint(role), self.folders, self.programs)

    def endpoint(self, role: Role) -> Endpoint:
        """Return where the server that plays a part itself listens."""
        server = self.topology.server(role)
        return Endpoint(server.host, server.port, self.folders.ca_bundle)

    @property
    def writer(self) -> Endpoint:
        """Return the endpoint that leads to the primary, whichever server that is."""
        return Endpoint(self.topology.server(Role.PRIMARY).host, self.topology.writer_port, self.folders.ca_bundle)

    @property
    def writer_process(self) -> WriterProcess:
        """Return the process behind that endpoint."""
        return WriterProcess(self.folders, self.topology.writer_port)
