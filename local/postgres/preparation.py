"""Prepares an empty home for servers: programs, folders, passwords, certificates."""

from collections.abc import Sequence
from datetime import datetime

from local.postgres.certificates import issue_certificates
from local.postgres.credentials import create_credentials
from local.postgres.folders import Folders
from local.postgres.programs import Programs, find_programs


def prepare(folders: Folders, host_names: Sequence[str], now: datetime) -> Programs:
    """Make an empty home for servers, and return the programs that run them.

    Args:
        folders: Where; what was there is removed.
        host_names: The endpoints' names, for the certificates.
        now: The certificates hold from an hour before.

    Raises:
        LocalError: PostgreSQL cannot run on this machine, or cannot reach the folder.
    """
    programs = find_programs()
    folders.remove()
    folders.create()
    programs.require_access(folders.base)
    create_credentials(folders, programs)
    programs.give(*issue_certificates(folders.certificates, host_names, now))
    return programs
