"""Which server plays which part, as `topology.json` keeps it for every process of the environment."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from local.errors import LocalError


class Role(StrEnum):
    """The part a server plays."""

    PRIMARY = "primary"
    STANDBY = "standby"
    REPLICA = "replica"


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the cluster.

    Args:
        name: Its name, which no failover changes.
        role: Its part, which a failover changes.
        host: The endpoint's name in its certificate; primary and standby share theirs.
        port: Where it itself listens on 127.0.0.1.
    """

    name: str
    role: Role
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole cluster.

    Args:
        servers: Every server.
        writer_port: The port of the writer endpoint, which no failover changes.
        in_sync: Every acknowledged commit is on the standby, too, and will be: promoting it loses nothing.
    """

    servers: tuple[Server, ...]
    writer_port: int
    in_sync: bool

    def server(self, role: Role) -> Server:
        """Return the server that plays a part."""
        return next(server for server in self.servers if server.role is role)

    def failed_over(self) -> "Topology":
        """Return the cluster after its standby was promoted: the old primary is the standby to be."""
        new_role = {Role.PRIMARY: Role.STANDBY, Role.STANDBY: Role.PRIMARY, Role.REPLICA: Role.REPLICA}
        servers = tuple(replace(server, role=new_role[server.role]) for server in self.servers)
        return replace(self, servers=servers, in_sync=False)

    def with_sync(self, *, in_sync: bool) -> "Topology":
        """Return the cluster with that said of its standby."""
        return replace(self, in_sync=in_sync)

    def write(self, path: Path) -> None:
        """Put the cluster into a file, all of it or nothing."""
        unfinished = path.with_suffix(".writing")
        unfinished.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the cluster in a file.

        Raises:
            LocalError: the file is damaged, e.g. by a full disk or a lost machine.
        """
        try:
            fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            servers = tuple(Server(**{**server, "role": Role(server["role"])}) for server in fields["servers"])
            topology = cls(servers=servers, writer_port=int(fields["writer_port"]), in_sync=bool(fields["in_sync"]))
        except (ValueError, TypeError, KeyError) as error:
            raise _damaged(path) from error
        if sorted(server.role for server in servers) != sorted(Role):
            raise _damaged(path)
        return topology


def _damaged(path: Path) -> LocalError:
    return LocalError(f"{path} is damaged: remove the database with `make down`, then run `make up`")
