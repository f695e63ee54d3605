"""The errors of this package, named by what stood in the way.

```
PostgresError
├── UnreachableError            nobody answered, or the server takes no connections now: try again later
├── AuthenticationFailedError   the server answered and refuses this login: fix role, password, token or database
├── CertificateRejectedError    who answered is not proven to be the database: fix the trust, never go around it
└── QueryFailedError            the server refused a query, or it took too long: the connection can go on
```

No message holds a password or a token.
"""

import re

import psycopg

# libpq hands over no error code when a connection fails (libpq, "PQerrorMessage"), so its words have to do. What they
# do not settle counts as unreachable: to try again is harmless.
_REFUSED_LOGIN = re.compile(
    r"authentication failed|pg_hba\.conf|is not permitted to log in|(role|database) \".*\" does not exist"
    r"|permission denied for database|is not currently accepting connections|auth(entication)? method|SASL|SCRAM"
)
_UNPROVEN_SERVER = re.compile(r"certificate|does not support SSL")
# Classes and codes that end a connection (PostgreSQL manual, appendix A): connection exceptions, shutdown, crash.
_LOST_CONNECTION = re.compile(r"08...|57P0[1-5]")


class PostgresError(Exception):
    """Base of every error that this package raises on purpose."""


class UnreachableError(PostgresError):
    """The server could not be reached, and the message names host and port; it was lost; or AWS gave no credentials."""


class AuthenticationFailedError(PostgresError):
    """The server refuses the login; the message names role, database, host and port."""


class CertificateRejectedError(PostgresError):
    """The server's certificate was not accepted, or cannot be checked; the message says why."""


class QueryFailedError(PostgresError):
    """The query failed; the message is the server's, with its error code."""


def connection_error(error: psycopg.Error, *, place: str, login: str) -> PostgresError:
    """Return this package's error for a connection that could not be made.

    Args:
        error: What the driver raised.
        place: Host and port, for the message.
        login: Role and database, for the message.
    """
    words = _one_line(error)
    if _UNPROVEN_SERVER.search(words):
        return CertificateRejectedError(f"{place} is not proven to be the database: {words}")
    if _REFUSED_LOGIN.search(words):
        return AuthenticationFailedError(f"{place} refused {login}: {words}")
    return UnreachableError(f"{place} cannot be reached: {words}")


def query_error(error: psycopg.Error, *, connection_is_lost: bool) -> PostgresError:
    """Return this package's error for a query that failed.

    Args:
        error: What the driver raised.
        connection_is_lost: Whether the connection cannot go on.
    """
    words = error.diag.message_primary or _one_line(error)
    if connection_is_lost or _LOST_CONNECTION.fullmatch(error.sqlstate or ""):
        return UnreachableError(f"the connection was lost: {words}")
    return QueryFailedError(f"{words} ({error.sqlstate})" if error.sqlstate else words)


def _one_line(error: psycopg.Error) -> str:
    return " ".join(str(error).split()) or type(error).__name__
