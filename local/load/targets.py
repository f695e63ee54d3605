"""Where the load goes: the pooler's databases and the primary's endpoint, all on this machine."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from local.demo.scene import Scene
from local.errors import LocalError
from local.pooler.configuration import READER_DATABASE, WRITER_DATABASE, Login
from local.pooler.deployed import read_upstreams
from local.pooler.program import HOW_TO_INSTALL
from local.postgres.access import Endpoint
from local.redrive.places import embedded_place


@dataclass(frozen=True, slots=True)
class Target:
    """A database, and who logs in there."""

    endpoint: Endpoint
    database: str
    login: Login

    @property
    def url(self) -> str:
        """Return it as SQLAlchemy's URL, with the password."""
        query = {
            "hostaddr": self.endpoint.host_address,
            "sslmode": "verify-full",
            "sslrootcert": str(self.endpoint.ca_bundle),
        }
        user, password = quote(self.login.role, safe=""), quote(self.login.password, safe="")
        place = f"{self.endpoint.host}:{self.endpoint.port}/{self.database}"
        return f"postgresql+psycopg://{user}:{password}@{place}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Targets:
    """What is loaded.

    Args:
        pooled_writer: The pooler's database that leads to the primary.
        pooled_reader: The one that leads to the replica.
        direct: The primary's endpoint, without a pooler.
    """

    pooled_writer: Target
    pooled_reader: Target
    direct: Target

    @classmethod
    def of(cls, scene: Scene) -> "Targets":
        """Return those of an environment that is up.

        Raises:
            LocalError: it has no pooler.
        """
        access = scene.environment.pgbouncer
        if access is None:
            raise LocalError(HOW_TO_INSTALL)
        upstreams = read_upstreams(embedded_place(scene.environment))
        pooler = Endpoint(access.endpoint, access.port, Path(access.ca_bundle), access.host)
        return cls(
            pooled_writer=Target(pooler, WRITER_DATABASE, upstreams.writer.login),
            pooled_reader=Target(pooler, READER_DATABASE, upstreams.reader.login),
            direct=Target(scene.cluster.writer, upstreams.database, upstreams.writer.login),
        )
