"""Makes the connections of one server: fresh tokens, time limits, and no writer that is a replica."""

import asyncio
import re
from typing import Any

import psycopg
from sqlalchemy.engine import URL
from sqlalchemy.util import await_only

from langpont_db.control_file import ControlRights
from langpont_db.errors import UnreachableError
from langpont_db.iam import fresh_token
from langpont_db.settings import Login, Settings
from langpont_db.urls import place_of, with_defaults
from rds_postgres.errors import PostgresError

_APPLICATION_NAME = "langpont"
# What PgBouncer and RDS Proxy say to what they cannot pass on: their connections to the server are everybody's.
_POOLER_REFUSAL = re.compile(r"unsupported startup parameter|support command-line options")


class Connector:
    """Knows how to connect to one server.

    Args:
        url: The server, as `parse_url` returned it.
        settings: The database's.
        statement_timeout_seconds: The longest statement of its sessions.
    """

    def __init__(self, url: URL, settings: Settings, *, statement_timeout_seconds: float) -> None:
        self.url = with_defaults(
            url, connect_timeout_seconds=settings.connect_timeout_seconds, application_name=_APPLICATION_NAME
        )
        self.place = place_of(url)
        self.login = f"{url.username} on {url.database}"
        self._settings = settings
        self._signs = settings.login is Login.IAM
        self._takes_limits = True
        self.is_direct = False
        """Whether no pooler is known to stand before the server: whoever asks the server finds out."""
        self.control = ControlRights()
        """What the role may read of the server's control file, as far as is known."""
        limits = {
            "statement_timeout": statement_timeout_seconds,
            "idle_in_transaction_session_timeout": settings.idle_in_transaction_timeout_seconds,
        }
        self._limits = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items())

    def parameters(self) -> dict[str, Any]:
        """Return libpq's parameters, with a password or token that is good now.

        Raises:
            PostgresError: no token can be signed now.
        """
        named = self.url.translate_connect_args(username="user", database="dbname")
        return {**self.url.query, **named, **self._password()}

    async def parameters_beside(self) -> dict[str, Any]:
        """Return the same without holding up the event loop: credentials may come over the network.

        Raises:
            PostgresError: no token can be signed now.
        """
        return await asyncio.to_thread(self.parameters) if self._signs else self.parameters()

    def connect(self, dialect: Any, parameters: dict[str, Any], *, must_write: bool) -> Any:
        """Return a new connection of SQLAlchemy's.

        Time limits are asked for at startup, which costs nothing. A pooler that refuses that leaves them to the role
        that it logs in with: what one client sets in a session would be everybody's.

        Args:
            dialect: Makes the connection, in threads or in asyncio.
            parameters: libpq's, without password.
            must_write: Whether a server in recovery is of no use.

        Raises:
            psycopg.Error: there is no connection.
            UnreachableError: no token can be signed now.
        """
        try:
            # In asyncio this runs in the application's event loop, and credentials may come over the network.
            is_beside = self._signs and dialect.is_async
            password = await_only(asyncio.to_thread(self._password)) if is_beside else self._password()
        except PostgresError as error:
            raise UnreachableError(str(error)) from error
        connection = self._with_limits(dialect, parameters | password)
        # Told by the server itself, before any statement (PostgreSQL manual, "in_hot_standby"); a pooler tells what it
        # was told once.
        if must_write and self.is_direct and connection.info.parameter_status("in_hot_standby") == "on":
            connection.close()
            raise psycopg.OperationalError("the server is in recovery and takes no writes")
        return connection

    def _with_limits(self, dialect: Any, parameters: dict[str, Any]) -> Any:
        if self._takes_limits:
            # What the URL itself says comes last, and counts.
            limited = parameters | {"options": f"{self._limits} {parameters.get('options', '')}".strip()}
            try:
                return dialect.connect(**limited)
            except psycopg.OperationalError as error:
                if not _POOLER_REFUSAL.search(str(error)):
                    raise
            self._takes_limits = False
        return dialect.connect(**parameters)

    def _password(self) -> dict[str, str]:
        return {"password": fresh_token(self.url, self._settings)} if self._signs else {}
