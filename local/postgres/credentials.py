"""The passwords of the database's first roles: generated, kept in files that only their owner reads, never logged."""

import os
import secrets
from pathlib import Path

from local.ownership import owned_by_this_user
from local.postgres.folders import Folders
from local.postgres.programs import Programs

SUPERUSER = "postgres"
REPLICATOR = "replicator"
MASTER_USER = "langpont_admin"

_ROLES = (SUPERUSER, REPLICATOR, MASTER_USER)
_USED_BY_PROGRAMS = (SUPERUSER, REPLICATOR)
_PRIVATE = 0o600


def create_credentials(folders: Folders, programs: Programs) -> None:
    """Write a new password for every role that a new server has."""
    folders.credentials.mkdir(parents=True, exist_ok=True)
    passwords = {role: secrets.token_urlsafe(24) for role in _ROLES}
    for role, password in passwords.items():
        write_secret(folders.password_file(role), password)
    lines = [f"*:*:*:{role}:{passwords[role]}" for role in _USED_BY_PROGRAMS]
    write_secret(folders.pgpass, "\n".join(lines))
    programs.give(folders.pgpass, folders.password_file(SUPERUSER))


def read_password(folders: Folders, role: str) -> str:
    """Return a role's current password.

    Raises:
        LocalError: its file is another user's.
    """
    with owned_by_this_user("the database"):
        return folders.password_file(role).read_text(encoding="utf-8").strip()


def write_secret(path: Path, secret: str) -> None:
    """Put a secret into a file that only its owner may read, all of it or nothing."""
    unfinished = path.with_name(f"{path.name}.writing")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")
    unfinished.replace(path)
