"""As whom PostgreSQL runs: it refuses root, and needs a user that the system knows.

The decision is pure; `probe_machine` is the thin edge that finds out what the machine allows.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

from local.errors import LocalError

NOBODY = 65534  # user and group: every Linux has them, and files that root owns are theirs in the user namespace below

_IN_USER_NAMESPACE = ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
_AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine allows.

    Args:
        is_root: PostgreSQL's programs would run as root.
        has_account: The current user id has an entry in the system's user list.
        has_user_namespaces: `unshare -U` works.
        has_setpriv: The program `setpriv` is there.
    """

    is_root: bool
    has_account: bool
    has_user_namespaces: bool
    has_setpriv: bool


@dataclass(frozen=True, slots=True)
class Privileges:
    """How PostgreSQL's programs are started.

    Args:
        prefix: What stands before the program on its command line.
        owner: The user and group id that must own its files; None for the current one.
        reason: Why it is so, as a sentence.
    """

    prefix: tuple[str, ...]
    owner: int | None
    reason: str


def decide_privileges(machine: Machine) -> Privileges:
    """Return how to start PostgreSQL's programs.

    1. an ordinary user that the system knows: directly
    2. anybody else, with user namespaces: as nobody in a namespace; files stay the current user's, nothing is chowned
    3. root, without: as the user nobody, who then owns the files
    4. otherwise it cannot be done

    Raises:
        LocalError: rule 4.
    """
    if not machine.is_root and machine.has_account:
        return Privileges((), None, "an ordinary user runs PostgreSQL directly")
    if machine.has_user_namespaces:
        return Privileges(_IN_USER_NAMESPACE, None, "PostgreSQL refuses root: a user namespace hides it")
    if machine.is_root and machine.has_setpriv:
        return Privileges(_AS_NOBODY, NOBODY, "PostgreSQL refuses root: the user nobody runs it")
    if machine.is_root:
        raise LocalError(
            "PostgreSQL refuses to run as root, and there are neither user namespaces (unshare -U) nor setpriv "
            "(Debian package util-linux) to run it as somebody else: run this as an ordinary user"
        )
    raise LocalError(
        "PostgreSQL needs a user that the system knows: the current user id has no entry in /etc/passwd, and there are "
        "no user namespaces (unshare -U) to hide it"
    )


def probe_machine() -> Machine:
    """Return what this machine allows."""
    return Machine(
        is_root=os.geteuid() == 0,
        has_account=_has_account(os.geteuid()),
        has_user_namespaces=_succeeds((*_IN_USER_NAMESPACE, "true")),
        has_setpriv=shutil.which("setpriv") is not None,
    )


def _has_account(user_id: int) -> bool:
    try:
        pwd.getpwuid(user_id)
    except KeyError:
        return False
    return True


def _succeeds(command: tuple[str, ...]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False, cwd="/", timeout=10).returncode == 0
