"""Runs PostgreSQL's programs: found, checked, and under a user that PostgreSQL accepts."""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from local.errors import LocalError
from local.postgres.binaries import unpacked_postgres
from local.postgres.privileges import Privileges, decide_privileges, probe_machine
from local.postgres.system_libraries import require_system_libraries

_USED = ("bin/postgres", "bin/initdb", "bin/pg_basebackup", "bin/pg_rewind", "bin/psql", "lib/libpqwalreceiver.so")


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's programs and how they are started.

    Args:
        folder: Holds `bin` and `lib`.
        privileges: As whom they run.
    """

    folder: Path
    privileges: Privileges

    def command(self, program: str, *arguments: str | Path) -> list[str]:
        """Return the command line of a program."""
        return [*self.privileges.prefix, str(self.folder / "bin" / program), *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        """Return the whole environment that a program gets; nothing of the caller's PG* variables is in it."""
        return {
            "PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            # libpqwalreceiver looks for its libpq at the place it was built for, and then takes the system's.
            "LD_LIBRARY_PATH": str(self.folder / "lib"),
        }

    def run(self, program: str, *arguments: str | Path, mark: dict[str, str], deadline_seconds: float = 120.0) -> None:
        """Run a program to its end.

        Args:
            program: Its name, e.g. `initdb`.
            arguments: Its arguments.
            mark: Marks it as ours, see local.processes.
            deadline_seconds: When to give up on it.

        Raises:
            LocalError: it failed or did not end in time; the message holds its last line.
        """
        try:
            finished = subprocess.run(
                self.command(program, *arguments),
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env={**self.environment(), **mark},
                timeout=deadline_seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise LocalError(f"{program} did not end within {deadline_seconds:g} s") from error
        if finished.returncode != 0:
            raise LocalError(f"{program} failed: {_last_line(finished.stderr or finished.stdout)}")

    def give(self, *paths: Path) -> None:
        """Make files and folders the property of the user that PostgreSQL runs as."""
        if self.privileges.owner is not None:
            for path in paths:
                os.chown(path, self.privileges.owner, self.privileges.owner)

    def require_access(self, folder: Path) -> None:
        """Check that the user that PostgreSQL runs as reaches a folder of the environment.

        Raises:
            LocalError: it does not.
        """
        for needed in (self.folder / "bin" / "postgres", folder):
            probe = [*self.privileges.prefix, "test", "-x", str(needed)]
            if subprocess.run(probe, capture_output=True, check=False, cwd="/", timeout=10).returncode != 0:
                raise LocalError(
                    f"PostgreSQL cannot reach {needed} ({self.privileges.reason}): put the checkout and its Python "
                    "where every user can read them, or run this as an ordinary user"
                )


@cache
def find_programs() -> Programs:
    """Return PostgreSQL's programs, ready to run on this machine.

    Raises:
        LocalError: they cannot be unpacked, a system library is missing, or nobody may run them; one line says which.
    """
    folder = unpacked_postgres()
    require_system_libraries([folder / used for used in _USED], folder / "lib")
    return Programs(folder, decide_privileges(probe_machine()))


def _last_line(output: str) -> str:
    return next((line for line in reversed(output.strip().splitlines()) if line.strip()), "it printed nothing")
