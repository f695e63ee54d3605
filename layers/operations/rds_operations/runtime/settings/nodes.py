"""Settings of functions that log in to the primary and to its read replicas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.domain.databases import DatabaseEndpoint, ReplicaEndpoint
from rds_operations.runtime.settings.base import INSTANCE_IDENTIFIER_PATTERN, read_base
from rds_operations.runtime.settings.database import ADDRESS_PATTERN, HOST_PATTERN
from rds_operations.runtime.settings.login import LoginSettings, read_login
from rds_operations.runtime.settings.reader import EnvironmentReader

_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_REPLICA = rf"{INSTANCE_IDENTIFIER_PATTERN}={HOST_PATTERN}:{_PORT}(?::{ADDRESS_PATTERN})?"
# What is not allowed comes first: an identifier that comes again after a comma.
_REPLICAS = rf"(?!(?:.*,)?([^=,]+)=.*,\1=){_REPLICA}(?:,{_REPLICA})*"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings(LoginSettings):
    """Settings of a function that asks every node.

    Args:
        db_replicas: The read replicas.
    """

    db_replicas: tuple[ReplicaEndpoint, ...]

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base, login = read_base(reader), read_login(reader)
        db_replicas = _read_replicas(reader)
        reader.finish()
        replicas = tuple(_replica(part, login["db_host_address"]) for part in db_replicas.split(",") if part)
        return cls(**base, **login, db_replicas=replicas)

    @property
    def endpoints(self) -> Mapping[str, DatabaseEndpoint]:
        """Where each node answers, by its DB instance identifier; the primary first."""
        replicas = {replica.identifier: replica.endpoint for replica in self.db_replicas}
        return {self.db_instance_identifier: self.endpoint, **replicas}


def _read_replicas(reader: EnvironmentReader) -> str:
    allowed = "id=host:port or id=host:port:address, comma-separated and each id once, or nothing"
    return reader.text("DB_REPLICAS", pattern=_REPLICAS, allowed=allowed, default="")


def _replica(part: str, usual_address: str) -> ReplicaEndpoint:
    """Return a replica; one that names no address is where the primary is, as in the embedded environment."""
    identifier, _, where = part.partition("=")
    host, port, *address = where.split(":", maxsplit=2)
    return ReplicaEndpoint(identifier, DatabaseEndpoint(host, int(port), *(address or [usual_address])))
