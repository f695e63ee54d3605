"""The settings of functions that speak with the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypedDict

from rds_operations.domain.databases import Authentication, DatabaseAccess, DatabaseEndpoint
from rds_operations.runtime.settings.base import BaseSettings, read_base
from rds_operations.runtime.settings.reader import EnvironmentReader

HOST_PATTERN = r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?"
ADDRESS_PATTERN = r"(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)"
_NAME = r"[!-~]{1,63}"
_ALLOWED_NAME = "1 to 63 printable ASCII characters without spaces"
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


class LoginFields(DatabaseFields):
    """The fields of `LoginSettings` beside those of every function, as read."""

    db_user: str
    db_auth: Authentication
    db_secret_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSettings(DatabaseSettings):
    """Settings of a function that logs in by token, or by secret where there is no IAM.

    Args:
        db_user: The role; a secret names its own.
        db_auth: How the role logs in.
        db_secret_arn: The secret with the role's password; only with `secret`.
    """

    db_user: str
    db_auth: Authentication
    db_secret_arn: str

    @property
    def access(self) -> DatabaseAccess:
        """Which database, and as whom."""
        return DatabaseAccess(self.db_name, self.db_ca_bundle, self.db_auth, self.db_user, self.db_secret_arn)

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base, login = read_base(reader), read_login(reader)
        reader.finish()
        return cls(**base, **login)


def read_database(reader: EnvironmentReader) -> DatabaseFields:
    """Read where the primary is."""
    return DatabaseFields(
        db_host=reader.text("DB_HOST", pattern=HOST_PATTERN, allowed="a host name"),
        db_port=reader.integer("DB_PORT", minimum=1, maximum=65535),
        db_name=reader.text("DB_NAME", pattern=_NAME, allowed=_ALLOWED_NAME),
        db_ca_bundle=reader.text("DB_CA_BUNDLE", pattern=r"/.+", allowed="an absolute path, or nothing", default=""),
        db_host_address=reader.text(
            "DB_HOST_ADDRESS", pattern=ADDRESS_PATTERN, allowed="an IP address, or nothing", default=""
        ),
    )


def read_login(reader: EnvironmentReader) -> LoginFields:
    """Read where the primary is, and how to log in to it."""
    database = read_database(reader)
    db_user = reader.text("DB_USER", pattern=_NAME, allowed=_ALLOWED_NAME)
    db_auth = reader.choice("DB_AUTH", tuple(Authentication))
    return LoginFields(
        **database,
        db_user=db_user,
        db_auth=Authentication(db_auth) if db_auth in tuple(Authentication) else Authentication.IAM,
        db_secret_arn=read_secret_arn(
            reader, "DB_SECRET_ARN", needed_with="DB_AUTH", is_required=db_auth == Authentication.SECRET
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
