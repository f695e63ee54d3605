"""Reads the URL of a server: where it is, and that its certificate will be checked."""

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from langpont_db.errors import ConfigurationError
from rds_postgres.connections import LIVENESS, PACKAGED_CA_BUNDLE, VERIFICATION

_DRIVERS = ("postgresql+psycopg", "postgresql", "postgresql+psycopg2")
_DEFAULT_PORT = 5432
_EXAMPLE = "postgresql+psycopg://user:password@endpoint:5432/database"
_SYSTEM_TRUST = "system"
# One place for each, and for a password the only one that is hidden wherever the URL is shown.
_BEFORE_THE_QUESTION_MARK = {"host", "port", "dbname", "user", "password", "service"}


def parse_url(name: str, text: str) -> URL:
    """Return the URL with everything that a verified connection needs.

    Query parameters are libpq's and pass through, e.g. `hostaddr` where the host's name does not resolve. Without
    `sslrootcert` the packaged authorities of Amazon RDS are trusted.

    Args:
        name: What it is called where it was written, for the message.
        text: The URL as SQLAlchemy writes it; the driver is psycopg, whether it is named or not.

    Raises:
        ConfigurationError: it is no URL of one server, or asks for less than `verify-full`.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        # What was written may hold a password.
        raise ConfigurationError(
            f"{name} is no URL, allowed: {_EXAMPLE}, with what is special in the password encoded (%23 for #)"
        ) from error
    _refuse_wrong_parts(name, url)
    query = _checked_query(name, url)
    return url.set(drivername="postgresql+psycopg", port=url.port or _DEFAULT_PORT, query=query)


def place_of(url: URL) -> str:
    """Return host and port, as messages name a server."""
    return f"{url.host}:{url.port}"


def with_defaults(url: URL, *, connect_timeout_seconds: int, application_name: str) -> URL:
    """Return the URL with limits for everything that could hold a thread; what the URL itself says stays.

    Args:
        url: What `parse_url` returned.
        connect_timeout_seconds: Wait for a connection, per address; libpq knows no less than 2.
        application_name: What pg_stat_activity shows.
    """
    defaults = {
        **{key: str(value) for key, value in (VERIFICATION | LIVENESS).items()},
        "connect_timeout": str(connect_timeout_seconds),
        "application_name": application_name,
    }
    return url.set(query=defaults | dict(url.query))


def _refuse_wrong_parts(name: str, url: URL) -> None:
    shown = url.set(query={}).render_as_string(hide_password=True)
    if url.drivername not in _DRIVERS:
        raise ConfigurationError(f"{name} has the driver {url.drivername!r}, allowed: {', '.join(_DRIVERS)}")
    for part, value in (("host", url.host), ("user", url.username), ("database", url.database)):
        if not value:
            raise ConfigurationError(f"{name} is {shown!r} and names no {part}, allowed: {_EXAMPLE}")
    if "," in (url.host or "") or _BEFORE_THE_QUESTION_MARK & set(url.query):
        raise ConfigurationError(
            f"{name} is {shown!r}, allowed: one server, named with its login before the question mark"
        )


def _checked_query(name: str, url: URL) -> Mapping[str, str]:
    query = {"sslmode": "verify-full", "sslrootcert": str(PACKAGED_CA_BUNDLE)}
    for key, value in url.query.items():
        if not isinstance(value, str):
            raise ConfigurationError(f"{name} has {key} {len(value)} times, allowed: once")
        query[key] = value
    if query["sslmode"] != "verify-full":
        raise ConfigurationError(f"{name} has sslmode={query['sslmode']}, allowed: verify-full")
    if query["sslrootcert"] != _SYSTEM_TRUST and not Path(query["sslrootcert"]).is_file():
        raise ConfigurationError(f"{name} has sslrootcert={query['sslrootcert']}, allowed: a file that exists")
    try:
        make_conninfo(**query)
    except psycopg.ProgrammingError as error:
        words = " ".join(str(error).split())
        raise ConfigurationError(f"{name} has a parameter that libpq does not know: {words}") from error
    return query
