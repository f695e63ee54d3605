"""Where a database is, and as whom to log in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Authentication(StrEnum):
    """How a function logs in: with a token signed by its own role, or with the password in a secret."""

    IAM = "iam"
    SECRET = "secret"  # noqa: S105 - a way to log in, not a password


@dataclass(frozen=True, slots=True)
class DatabaseEndpoint:
    """Where a database answers.

    Args:
        host: The endpoint's name; the certificate is checked against it.
        port: Its port.
        host_address: IP address to connect to where the name does not resolve; empty on AWS.
    """

    host: str
    port: int
    host_address: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ReplicaEndpoint:
    """Where a read replica answers.

    Args:
        identifier: Its DB instance identifier.
        endpoint: Its own endpoint.
    """

    identifier: str
    endpoint: DatabaseEndpoint


@dataclass(frozen=True, slots=True)
class DatabaseLogin:
    """As whom to log in.

    Args:
        user: The database role.
        password: Its password, or a token instead.
    """

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DatabaseAccess:
    """Which database to log in to on every node, and how.

    Args:
        name: The database.
        ca_bundle: File with the authorities to trust; empty = those of Amazon RDS.
        authentication: By token or by secret.
        user: The role of a token; a secret names its own.
        secret_arn: The secret; empty with a token.
    """

    name: str
    ca_bundle: str
    authentication: Authentication
    user: str
    secret_arn: str


type LoginSource = Callable[[], DatabaseLogin]
