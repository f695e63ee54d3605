"""What is needed to use the environment while it is up, as `.local/environment.json` keeps it (contracts.md)."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from local.errors import LocalError
from local.postgres.credentials import write_secret


@dataclass(frozen=True, slots=True)
class Instance:
    """A DB instance and where it is reached; a standby has no endpoint, as on RDS."""

    identifier: str
    host: str
    port: int
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class PostgresAccess:
    """The embedded cluster.

    Args:
        primary: The primary behind the movable writer endpoint: host and port survive a failover.
        standby: The server that is the standby now.
        replicas: The read replicas.
        nodes: The servers themselves, by name.
        ca_bundle: File with the authority that signed the servers' certificates.
        database: Name of the database.
        admin_user: The master user.
        admin_password_file: File with the master user's password.
    """

    primary: Instance
    standby: Instance
    replicas: tuple[Instance, ...]
    nodes: tuple[Instance, ...]
    ca_bundle: str
    database: str
    admin_user: str
    admin_password_file: str


@dataclass(frozen=True, slots=True)
class PoolerAccess:
    """The connection pooler before the cluster.

    Args:
        endpoint: The name in its certificate.
        host: Its address.
        port: Its port.
        ca_bundle: File with the authority that signed its certificate.
        version: PgBouncer's.
        configuration: What it runs with.
        databases: Each of its databases, with the role that logs in there; the passwords are in the stack's secrets.
    """

    endpoint: str
    host: str
    port: int
    ca_bundle: str
    version: str
    configuration: str
    databases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Environment:
    """The running environment: the local AWS, the deployed stack, the cluster and, where there is one, its pooler."""

    endpoint_url: str
    region: str
    stack_name: str
    aws_access_key_id: str
    aws_secret_access_key: str
    alerts_queue_url: str
    postgres: PostgresAccess
    pgbouncer: PoolerAccess | None = None

    def write(self, path: Path) -> None:
        """Put the description into a file, all of it or nothing."""
        write_secret(path, json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the description in a file.

        Raises:
            LocalError: another version of this program wrote it.
        """
        try:
            fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            postgres = fields.pop("postgres")
            for name in ("primary", "standby"):
                postgres[name] = Instance(**postgres[name])
            for name in ("replicas", "nodes"):
                postgres[name] = tuple(Instance(**instance) for instance in postgres[name])
            pooler = fields.pop("pgbouncer", None)
            return cls(**fields, postgres=PostgresAccess(**postgres), pgbouncer=pooler and PoolerAccess(**pooler))
        except (ValueError, TypeError, KeyError) as error:
            raise LocalError(f"{path} is of another version; run `make down`, then `make up`") from error
