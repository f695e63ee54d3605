"""Fills PgBouncer's configuration in: which database, which roles, which version. Knows no AWS and starts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from local.errors import LocalError
from local.free_ports import LOOPBACK
from local.pooler.program import OLDEST, Version
from local.postgres.credentials import write_secret

WRITER_DATABASE, READER_DATABASE = "langpont_master", "langpont_replica"
CONFIGURATION, USERS, AUTHORITIES = "pgbouncer.ini", "userlist.txt", "server-ca.pem"
CERTIFICATE = "pooler"
LISTEN_PORT = 6432
SOCKET_FOLDER = "/tmp"  # noqa: S108  PgBouncer's own default
SERVER_CONNECTIONS = 30
"""What one pooler may open to one server: default_pool_size and reserve_pool_size together."""

_FOLDER = Path(__file__).resolve().parents[2] / "pgbouncer"
_TEMPLATES = (CONFIGURATION, "pgbouncer_hba.conf")
_PREPARED_STATEMENTS_SINCE = Version(1, 21)
_WITHOUT_PREPARED_STATEMENTS = """\
; Before 1.21 a prepared statement exists on one server connection only, and the next transaction may get another:
; clients prepare nothing (psycopg: prepare_threshold=None; JDBC: prepareThreshold=0)."""
_WITH_PREPARED_STATEMENTS = """\
; PgBouncer keeps the protocol's prepared statements of each client, and prepares them again where they are missing:
; this many on a server connection. SQL's own PREPARE is not among them. psycopg needs libpq 17 for it, and closes its
; statements by the protocol then; as before 1.21, prepare_threshold=None is safe everywhere.
max_prepared_statements = 200"""


@dataclass(frozen=True, slots=True)
class Login:
    """A role, and its password."""

    role: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server behind the pooler.

    Args:
        host: A name, or an address, which the server's certificate holds.
        port: Its port.
        login: Who logs in there, and in at the pooler.
    """

    host: str
    port: int
    login: Login


@dataclass(frozen=True, slots=True)
class Upstreams:
    """What the pooler leads to.

    Args:
        database: Its name on both servers.
        writer: The primary's endpoint.
        reader: The replica's; the primary's where there is none.
        authorities: The certificates to trust for both, as PEM.
    """

    database: str
    writer: Upstream
    reader: Upstream
    authorities: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and as which version the pooler will run.

    Args:
        folder: The folder of its files, there.
        version: Its version; the oldest one's configuration suits every later one.
        listen_address: Where it takes connections.
        listen_port: On which port.
        socket_folder: The folder of its Unix socket; empty for none.
        certificate: The files of its own certificate and key, without `.pem` and `.key`.
    """

    folder: str
    version: Version = OLDEST
    listen_address: str = LOOPBACK
    listen_port: int = LISTEN_PORT
    socket_folder: str = SOCKET_FOLDER
    certificate: str = CERTIFICATE


def render(upstreams: Upstreams, setting: Setting) -> dict[str, str]:
    """Return every file of the configuration but the pooler's own certificate: its text by its name.

    Raises:
        LocalError: something cannot be written into such a file.
    """
    names = _names(upstreams, setting)
    files = {name: Template(_template(name)).substitute(names) for name in _TEMPLATES}
    logins = (upstreams.writer.login, upstreams.reader.login)
    users = "\n".join(f"{_quoted(login.role)} {_quoted(login.password)}" for login in logins)
    return {**files, USERS: users, AUTHORITIES: upstreams.authorities.strip()}


def write_files(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write the files, readable by their owner only, and return where they are."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in files.items():
        write_secret(folder / name, text.rstrip("\n"))
    return [folder / name for name in files]


def _names(upstreams: Upstreams, setting: Setting) -> dict[str, str]:
    has_prepared = setting.version >= _PREPARED_STATEMENTS_SINCE
    names = {
        "writer_host": upstreams.writer.host,
        "writer_port": str(upstreams.writer.port),
        "writer_user": upstreams.writer.login.role,
        "reader_host": upstreams.reader.host,
        "reader_port": str(upstreams.reader.port),
        "reader_user": upstreams.reader.login.role,
        "database": upstreams.database,
        "listen_address": setting.listen_address,
        "listen_port": str(setting.listen_port),
        "socket_folder": setting.socket_folder,
        "folder": setting.folder,
        "certificate": setting.certificate,
    }
    for name, value in names.items():
        if any(each in value for each in " '\"=;\n") and name != "folder":
            raise LocalError(
                f"PgBouncer's configuration cannot hold {name} {value!r}: spaces, quotes, = and ; part values"
            )
    return {**names, "prepared_statements": _WITH_PREPARED_STATEMENTS if has_prepared else _WITHOUT_PREPARED_STATEMENTS}


def _template(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _quoted(value: str) -> str:
    """Return a value as the list of users wants it.

    Raises:
        LocalError: it has more than one line, which the list cannot hold.
    """
    if "\n" in value or "\0" in value:
        raise LocalError("PgBouncer's list of users holds no password of more than one line")
    return '"' + value.replace('"', '""') + '"'
