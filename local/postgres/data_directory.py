"""A server's data directory: created, copied from another server, rewound to another server, configured."""

from local.postgres.access import Endpoint
from local.postgres.certificates import certificate_file, key_file
from local.postgres.configuration import CLIENT_AUTHENTICATION, ServerSettings, server_configuration
from local.postgres.credentials import REPLICATOR, SUPERUSER
from local.postgres.folders import make_private_folder
from local.postgres.node import Node

_STANDBY_SIGNAL = "standby.signal"


def initialise(node: Node) -> None:
    """Create an empty database cluster with checksums, which pg_rewind needs, configured as a primary."""
    _empty(node)
    node.programs.run(
        "initdb",
        f"--pgdata={node.data}",
        f"--username={SUPERUSER}",
        f"--pwfile={node.folders.password_file(SUPERUSER)}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=libc",
        "--locale=C.UTF-8",
        "--data-checksums",
        "--no-sync",
        mark=node.mark,
    )
    configure(node, follows=None)


def copy_from(node: Node, source: Endpoint) -> None:
    """Make a server a copy of another (pg_basebackup), configured to follow it.

    Args:
        node: The copy; it must not run.
        source: What it is copied from and follows.
    """
    _empty(node)
    node.programs.run(
        "pg_basebackup",
        f"--pgdata={node.data}",
        f"--dbname={_replication(node, source)}",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--no-sync",
        mark=node.mark,
    )
    configure(node, follows=source)


def rewind_to(node: Node, source: Endpoint) -> None:
    """Turn a former primary back into a copy of its successor (pg_rewind), configured to follow it.

    Args:
        node: The former primary; it must not run.
        source: The successor itself, not an endpoint that moves.

    Raises:
        LocalError: the two have too little in common; copy_from always works.
    """
    successor = source.connection_string(SUPERUSER, node.folders.pgpass, node.name, "postgres")
    node.programs.run(
        "pg_rewind", f"--target-pgdata={node.data}", f"--source-server={successor}", "--no-sync", mark=node.mark
    )
    configure(node, follows=source)


def configure(node: Node, follows: Endpoint | None) -> None:
    """Write a server's configuration anew.

    Args:
        node: The server.
        follows: What it applies the changes of; None for a primary.
    """
    settings = ServerSettings(
        name=node.name,
        port=node.endpoint.port,
        certificate=certificate_file(node.folders.certificates, node.endpoint.host),
        key=key_file(node.folders.certificates, node.endpoint.host),
        log_folder=node.folders.log(node.name),
        follows=_replication(node, follows) if follows else None,
    )
    files = {
        "postgresql.conf": server_configuration(settings),
        "pg_hba.conf": CLIENT_AUTHENTICATION,
        # Holds what ALTER SYSTEM said on the server that this one was copied from.
        "postgresql.auto.conf": "",
    }
    if follows:
        files[_STANDBY_SIGNAL] = ""
    for name, text in files.items():
        (node.data / name).write_text(text, encoding="utf-8")
        node.programs.give(node.data / name)


def was_promoted(node: Node) -> bool:
    """Tell whether a server that was made a follower is none any more; PostgreSQL removes the sign as it promotes."""
    return (node.data / "PG_VERSION").exists() and not (node.data / _STANDBY_SIGNAL).exists()


def _empty(node: Node) -> None:
    for folder in (node.data, node.folders.log(node.name)):
        make_private_folder(folder)
        node.programs.give(folder)


def _replication(node: Node, source: Endpoint) -> str:
    return source.connection_string(REPLICATOR, node.folders.pgpass, node.name, "replication")
