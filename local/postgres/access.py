"""Connections to the local servers: TLS, the certificate checked against the RDS endpoint's name, as on AWS.

The endpoint's name does not resolve here, so the address is given beside it (libpq's hostaddr); the check is the same.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from local.errors import LocalError
from local.free_ports import LOOPBACK
from local.postgres.configuration import quoted

type Connection = psycopg.Connection[tuple[object, ...]]

_CONNECT_TIMEOUT_SECONDS = 5
_STATEMENT_TIMEOUT_SECONDS = 30.0


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

    def connect(
        self,
        database: str,
        user: str,
        password: str,
        *,
        statement_timeout_seconds: float = _STATEMENT_TIMEOUT_SECONDS,
        connect_timeout_seconds: int = _CONNECT_TIMEOUT_SECONDS,
    ) -> Connection:
        """Return a connection whose statements commit by themselves.

        Args:
            database: Its name.
            user: Who logs in.
            password: The user's.
            statement_timeout_seconds: When the server gives up on a statement. It does not count while a commit waits
                for the standby: see within.
            connect_timeout_seconds: How long a server may take to open the session; libpq knows no less than 2.

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
                connect_timeout=connect_timeout_seconds,
                options=f"-c statement_timeout={round(statement_timeout_seconds * 1000)}",
                application_name="langpont-local",
                autocommit=True,
            )
        except psycopg.OperationalError as error:
            words = str(error).strip().splitlines()
            raise LocalError(f"cannot connect to {self.host} port {self.port} as {user}: {words[0]}") from error

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


@contextmanager
def database_errors(server: str) -> Iterator[None]:
    """Translate what PostgreSQL's driver raises.

    Args:
        server: Who is asked, as the error's first words.

    Raises:
        LocalError: the driver complained; the message holds its first line.
    """
    try:
        yield
    except psycopg.Error as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise LocalError(f"{server}: {words[0]}") from error


@contextmanager
def within(connection: Connection, what: str, deadline_seconds: float) -> Iterator[None]:
    """Break the connection at the deadline, so that a commit that waits for the standby waits no longer.

    The server's own timeouts do not count while it waits so, and a wait that is cancelled there claims success without
    the standby.

    Args:
        connection: What is used within the `with`.
        what: What is waited for, as it follows "waited for" in the error.
        deadline_seconds: How long it may take.

    Raises:
        LocalError: the deadline passed; what was asked for may or may not be done.
    """
    broken = threading.Event()
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        timer = threading.Timer(deadline_seconds, _break, [same, broken])
        timer.start()
        try:
            yield
        except psycopg.OperationalError as error:
            if broken.is_set():
                raise LocalError(f"waited for {what}; no answer within {deadline_seconds:g} s") from error
            raise
        finally:
            timer.cancel()
            timer.join()


def _break(connected: socket.socket, broken: threading.Event) -> None:
    broken.set()
    with suppress(OSError):  # the other side was faster
        connected.shutdown(socket.SHUT_RDWR)
