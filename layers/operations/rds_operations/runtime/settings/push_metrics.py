"""Settings of push_metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.domain.databases import Authentication, DatabaseEndpoint, ReplicaEndpoint
from rds_operations.runtime.settings.base import INSTANCE_IDENTIFIER_PATTERN, BaseSettings, read_base
from rds_operations.runtime.settings.reader import EnvironmentReader

_HOST = r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?"
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_ADDRESS = r"(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)"
_NAME = r"[!-~]{1,63}"
_ALLOWED_NAME = "1 to 63 printable ASCII characters without spaces"
_SECRET_ARN = r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+"  # noqa: S105 - a pattern
_REPLICA = rf"{INSTANCE_IDENTIFIER_PATTERN}={_HOST}:{_PORT}(?::{_ADDRESS})?"
# What is not allowed comes first: an identifier that comes again after a comma.
_REPLICAS = rf"(?!(?:.*,)?([^=,]+)=.*,\1=){_REPLICA}(?:,{_REPLICA})*"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushMetricsSettings(BaseSettings):
    """Settings of the function that measures by SQL.

    Args:
        db_host: Endpoint of the primary; its certificate is checked against this name.
        db_port: Its port.
        db_name: The database.
        db_user: The role of the metrics; a secret names its own.
        db_auth: How the role logs in.
        db_ca_bundle: File with the authorities to trust; empty = those of Amazon RDS.
        db_host_address: IP address to connect to where `db_host` does not resolve; empty on AWS.
        db_secret_arn: The secret with the role's password; only with `secret`.
        db_replicas: The read replicas.
    """

    db_host: str
    db_port: int
    db_name: str
    db_user: str
    db_auth: Authentication
    db_ca_bundle: str
    db_host_address: str
    db_secret_arn: str
    db_replicas: tuple[ReplicaEndpoint, ...]

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base = read_base(reader)
        endpoint = _read_endpoint(reader)
        db_name = reader.text("DB_NAME", pattern=_NAME, allowed=_ALLOWED_NAME)
        db_user = reader.text("DB_USER", pattern=_NAME, allowed=_ALLOWED_NAME)
        db_ca_bundle = reader.text("DB_CA_BUNDLE", pattern=r"/.+", allowed="an absolute path, or nothing", default="")
        db_auth = reader.choice("DB_AUTH", tuple(Authentication))
        db_secret_arn = _read_secret_arn(reader, is_required=db_auth == Authentication.SECRET)
        db_replicas = _read_replicas(reader)
        reader.finish()
        return cls(
            **base,
            db_host=endpoint.host,
            db_port=endpoint.port,
            db_name=db_name,
            db_user=db_user,
            db_auth=Authentication(db_auth),
            db_ca_bundle=db_ca_bundle,
            db_host_address=endpoint.host_address,
            db_secret_arn=db_secret_arn,
            db_replicas=tuple(_replica(part) for part in db_replicas.split(",") if part),
        )

    @property
    def endpoint(self) -> DatabaseEndpoint:
        """Where the primary answers."""
        return DatabaseEndpoint(self.db_host, self.db_port, self.db_host_address)


def _read_endpoint(reader: EnvironmentReader) -> DatabaseEndpoint:
    return DatabaseEndpoint(
        host=reader.text("DB_HOST", pattern=_HOST, allowed="a host name"),
        port=reader.integer("DB_PORT", minimum=1, maximum=65535),
        host_address=reader.text("DB_HOST_ADDRESS", pattern=_ADDRESS, allowed="an IP address, or nothing", default=""),
    )


def _read_secret_arn(reader: EnvironmentReader, *, is_required: bool) -> str:
    allowed = "the ARN of a secret, required where DB_AUTH is secret"
    return reader.text("DB_SECRET_ARN", pattern=_SECRET_ARN, allowed=allowed, default=None if is_required else "")


def _read_replicas(reader: EnvironmentReader) -> str:
    allowed = "id=host:port or id=host:port:address, comma-separated and each id once, or nothing"
    return reader.text("DB_REPLICAS", pattern=_REPLICAS, allowed=allowed, default="")


def _replica(part: str) -> ReplicaEndpoint:
    identifier, _, where = part.partition("=")
    host, port, *address = where.split(":", maxsplit=2)
    return ReplicaEndpoint(identifier, DatabaseEndpoint(host, int(port), *address))
