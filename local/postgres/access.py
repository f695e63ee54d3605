"""Connections to the local servers: TLS, the certificate checked against the RDS endpoint's name, as on AWS.

The endpoint's name does not resolve here, so the address is given beside it (libpq's hostaddr); the check is the same.
"""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from local.errors import LocalError
from local.free_ports import LOOPBACK
from local.postgres.configuration import quoted

type Connection = psycopg.Connection[tuple[object, ...]]

_CONNECT_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server, or whatever server is behind a movable endpoint, is reached.

    Args:
        host: The RDS endpoint's name, which the certificate must hold.
        port: The port at 127.0.0.1.
        ca_bundle: The certificate to trust.
    """

    host: str
    port: int
    ca_bundle: Path
    host_address: str = LOOPBACK

    def connect(self, database: str, user: str, password: str) -> Connection:
        """Return a connection whose statements commit by themselves.

        Raises:
            LocalError: the server cannot be reached, or refuses.
        """
        try:
            return psycopg.connect(
                host=self.host,
                hostaddr=self.host_address,
                port=self.port,
                dbname=database,
                user=user,
                password=password,
                sslmode="verify-full",
                sslrootcert=str(self.ca_bundle),
                connect_timeout=_CONNECT_TIMEOUT_SECONDS,
                application_name="langpont-local",
                autocommit=True,
            )
        except psycopg.OperationalError as error:
            words = str(error).strip().splitlines()
            raise LocalError(f"cannot connect to {self.host} port {self.port} as {user}: {words[-1]}") from error

    def connection_string(self, user: str, password_file: Path, application_name: str, database: str) -> str:
        """Return the connection as PostgreSQL's own programs take it, with the password left in its file."""
        parameters = {
            "host": self.host,
            "hostaddr": self.host_address,
            "port": str(self.port),
            "dbname": database,
            "user": user,
            "passfile": str(password_file),
            "sslmode": "verify-full",
            "sslrootcert": str(self.ca_bundle),
            "application_name": application_name,
            "connect_timeout": str(_CONNECT_TIMEOUT_SECONDS),
        }
        return " ".join(f"{name}={quoted(value)}" for name, value in parameters.items())
