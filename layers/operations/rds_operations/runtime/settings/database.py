"""The settings of functions that speak with the database."""

from dataclasses import dataclass
from typing import TypedDict

from rds_operations.domain.databases import DatabaseEndpoint
from rds_operations.runtime.settings.base import BaseSettings
from rds_operations.runtime.settings.reader import EnvironmentReader

HOST_PATTERN = r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?"
ADDRESS_PATTERN = r"(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)"
NAME_PATTERN = r"[!-~]{1,63}"
ALLOWED_NAME = "1 to 63 printable ASCII characters without spaces"
_SECRET_ARN = r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+"  # noqa: S105 - a pattern
# PostgreSQL's own bounds (manual, "Connection Settings").
_MOST_CONNECTIONS = 262_143


class DatabaseFields(TypedDict):
    """The fields of `DatabaseSettings` beside those of every function, as read."""

    db_host: str
    db_port: int
    db_name: str
    db_ca_bundle: str
    db_host_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings(BaseSettings):
    """Settings of a function that speaks with the primary.

    Args:
        db_host: Endpoint of the primary; its certificate is checked against this name.
        db_port: Its port.
        db_name: The database.
        db_ca_bundle: File with the authorities to trust; empty = those of Amazon RDS.
        db_host_address: IP address to connect to where `db_host` does not resolve; empty on AWS.
    """

    db_host: str
    db_port: int
    db_name: str
    db_ca_bundle: str
    db_host_address: str

    @property
    def endpoint(self) -> DatabaseEndpoint:
        """Where the primary answers."""
        return DatabaseEndpoint(self.db_host, self.db_port, self.db_host_address)


def read_database(reader: EnvironmentReader) -> DatabaseFields:
    """Read where the primary is."""
    return DatabaseFields(
        db_host=reader.text("DB_HOST", pattern=HOST_PATTERN, allowed="a host name"),
        db_port=reader.integer("DB_PORT", minimum=1, maximum=65535),
        db_name=reader.text("DB_NAME", pattern=NAME_PATTERN, allowed=ALLOWED_NAME),
        db_ca_bundle=reader.text("DB_CA_BUNDLE", pattern=r"/.+", allowed="an absolute path, or nothing", default=""),
        db_host_address=reader.text(
            "DB_HOST_ADDRESS", pattern=ADDRESS_PATTERN, allowed="an IP address, or nothing", default=""
        ),
    )


def read_secret_arn(
    reader: EnvironmentReader, name: str, *, is_required: bool = True, needed_with: str | None = None
) -> str:
    """Read the ARN of a secret.

    Args:
        reader: Collects what is wrong.
        name: The variable.
        is_required: Whether it may not be empty.
        needed_with: The variable that makes it required by being `secret`.
    """
    when = f", required where {needed_with} is secret" if needed_with else ""
    allowed = f"the ARN of a secret{when}"
    return reader.text(name, pattern=_SECRET_ARN, allowed=allowed, default=None if is_required else "")


def read_max_connections(reader: EnvironmentReader) -> int:
    """Read how many connections the server takes."""
    return reader.integer("MAX_CONNECTIONS", minimum=6, maximum=_MOST_CONNECTIONS)
