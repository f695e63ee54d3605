"""Finds PgBouncer, which no package of Python's brings, and asks it which version it is."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

NAME = "pgbouncer"
HOW_TO_INSTALL = "PgBouncer is not installed: `apt-get install pgbouncer` (Debian, Ubuntu) brings it"
# Debian puts it where an ordinary user's PATH does not look.
_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin")
_ANSWER_WITHIN_SECONDS = 10
# With the name as the program says it; with the patch level, and `dev` or `rc1`, of which no setting depends.
_VERSION = re.compile(r"(?:PgBouncer )?(\d+)\.(\d+)(?:\.\d+)?(?:-?[a-z]+\d*)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of PgBouncer, as far as its settings depend on it."""

    major: int
    minor: int

    @classmethod
    def of(cls, text: str) -> "Version":
        """Return the version that a text names, e.g. `1.24` or the first line of `pgbouncer --version`.

        Raises:
            LocalError: it names none, or one that the configuration is not written for.
        """
        found = _VERSION.fullmatch(text.strip())
        if found is None:
            raise LocalError(f"{text.strip()!r} is no version of PgBouncer; one is written like {OLDEST}")
        version = cls(int(found[1]), int(found[2]))
        if version < OLDEST:
            raise LocalError(f"PgBouncer {version} is too old: {OLDEST} or later is needed")
        return version

    def __str__(self) -> str:
        """Return it as PgBouncer writes it."""
        return f"{self.major}.{self.minor}"


OLDEST = Version(1, 18)
"""What Debian 12 has; it knows hba files with SCRAM and every setting that the configuration always has."""


@dataclass(frozen=True, slots=True)
class PoolerProgram:
    """The program and its version."""

    path: Path
    version: Version


def find_pgbouncer(search_path: str | None = None) -> PoolerProgram | None:
    """Return the PgBouncer on PATH or in the system's folders, or None.

    Args:
        search_path: Where to look instead, in the form of PATH.

    Raises:
        LocalError: it is too old, or does not say its version.
    """
    looked_in = os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS]) if search_path is None else search_path
    found = shutil.which(NAME, path=looked_in)
    if found is None:
        return None
    answer = subprocess.run(
        [found, "--version"], capture_output=True, text=True, check=False, timeout=_ANSWER_WITHIN_SECONDS
    )
    return PoolerProgram(Path(found), Version.of(f"{answer.stdout or answer.stderr}\n".splitlines()[0]))


def require_pgbouncer() -> PoolerProgram:
    """Return the PgBouncer of this machine.

    Raises:
        LocalError: there is none, or as `find_pgbouncer`.
    """
    program = find_pgbouncer()
    if program is None:
        raise LocalError(HOW_TO_INSTALL)
    return program
