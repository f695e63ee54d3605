"""Opens connections whose server is proven to be the one that was meant.

Whoever connects through this module gets TLS with `verify-full`; there is no parameter to have less. `VERIFICATION` and
`LIVENESS` are libpq's parameters for it, for whoever has connections made by a library.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from rds_postgres.errors import connection_error

PACKAGED_CA_BUNDLE = Path(__file__).parent / "certificates" / "global-bundle.pem"

type Connection = psycopg.Connection[tuple[Any, ...]]

# libpq, "Parameter key words". A server that vanished without a word is given up after 10 + 3 x 5 s of silence, or when
# what was sent stays unacknowledged for 15 s.
LIVENESS = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
VERIFICATION = {
    "sslmode": "verify-full",
    # Otherwise a Kerberos ticket would replace TLS, and nobody would check the certificate.
    "gssencmode": "disable",
    # A token travels as a plain password inside TLS (RDS user guide, "IAM database authentication"); never MD5 or none.
    "require_auth": "scram-sha-256,password",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Where to connect, as whom, and how.

    Args:
        host: The endpoint's name; the certificate is checked against it.
        port: The endpoint's port.
        database: The database's name.
        user: The role that logs in.
        ca_bundle: File with the authorities to trust; None = the packaged ones of Amazon RDS.
        host_address: IP address to connect to where `host` does not resolve; the certificate is still `host`'s.
        connect_timeout_seconds: Wait for the connection, per address that `host` resolves to; libpq takes 2 at least.
        application_name: What pg_stat_activity shows.
        read_only: Whether the driver's transactions are read-only.
        autocommit: Whether statements outside an explicit transaction commit by themselves.
    """

    host: str
    port: int = 5432
    database: str
    user: str
    ca_bundle: Path | None = None
    host_address: str | None = None
    connect_timeout_seconds: int = 5
    application_name: str = "langpont-rds"
    read_only: bool = False
    autocommit: bool = False

    @property
    def place(self) -> str:
        """Host and port, as messages name them."""
        return f"{self.host}:{self.port}"


def connect(settings: ConnectionSettings, password: str) -> Connection:
    """Open a connection over verified TLS.

    Args:
        settings: Where to and how.
        password: The role's password, or a token of `tokens.sign_token`; it is in no message and no representation.

    Raises:
        UnreachableError: nobody answered in time, or the server takes no connections now.
        AuthenticationFailedError: the server refused role, password, token or database.
        CertificateRejectedError: the certificate is not trusted, is another host's, or there is no TLS.
    """
    try:
        connection = psycopg.connect(
            **_parameters(settings),
            password=password,
            autocommit=settings.autocommit,
            # A pooler in transaction mode hands the next statement to another server process that has not prepared it.
            prepare_threshold=None,
        )
    except psycopg.Error as error:
        login = f"{settings.user} on {settings.database}"
        raise connection_error(error, place=settings.place, login=login) from error
    connection.read_only = settings.read_only
    return connection


def _parameters(settings: ConnectionSettings) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "dbname": settings.database,
        "user": settings.user,
        "sslrootcert": str(settings.ca_bundle or PACKAGED_CA_BUNDLE),
        "connect_timeout": settings.connect_timeout_seconds,
        "application_name": settings.application_name,
        **VERIFICATION,
        **LIVENESS,
    }
    if settings.host_address:
        parameters["hostaddr"] = settings.host_address
    return parameters
