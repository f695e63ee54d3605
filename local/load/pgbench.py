"""Loads with pgbench, PostgreSQL's own client: it takes so little of the machine that the server is what is measured.

One thread only: with two, TLS and SCRAM at once, libpq 16 sometimes crashes while it connects.
"""

import math
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError
from local.load.figures import MIX, Round, Transaction
from local.load.targets import Target
from local.postgres.credentials import write_secret
from local.postgres.programs import find_programs

_SCRIPTS = Path(__file__).with_name("scripts")
_GRACE_SECONDS = 120.0
_MORE = 1.2
_ABORTED = re.compile(r"client \d+ (?:script \d+ )?aborted|connection to server|pgbench: error:")


@dataclass(frozen=True, slots=True)
class PgbenchRun:
    """One run of it.

    Args:
        target: What is loaded.
        clients: How many connections, each used by one client.
        rate: Transactions a second of all together.
        seconds: How long, at that rate, once all are connected.
        folder: An empty folder for its log and the password.
    """

    target: Target
    clients: int
    rate: float
    seconds: float
    folder: Path

    def run(self, mark: dict[str, str]) -> Round:
        """Run it to its end.

        Args:
            mark: Marks the process as ours, see local.processes.

        Raises:
            LocalError: it could not begin, or did not end in time.
        """
        self.folder.mkdir(parents=True)
        password_file = self.folder / "pgpass"
        write_secret(password_file, passfile_line(self.target.login.password))
        programs = find_programs()
        try:
            ended = subprocess.run(
                self._command(programs.folder / "bin" / "pgbench", password_file),
                env={**programs.environment(), **mark},
                capture_output=True,
                text=True,
                check=False,
                timeout=self.seconds + _GRACE_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise LocalError(f"pgbench did not end within {error.timeout:g} s") from error
        finally:
            password_file.unlink()
        transactions = [*self._logged()]
        if not transactions:
            raise LocalError(f"pgbench did nothing: {_first_error(ended.stderr)}")
        began = min(one.began for one in transactions)
        counted = [one for one in transactions if one.began < began + self.seconds]
        return Round(counted, began, troubles=tuple(troubles(ended.stderr)))

    def _command(self, program: Path, password_file: Path) -> list[str]:
        role = self.target.login.role
        scripts = [f"--file={_SCRIPTS / f'{name}.sql'}@{weight}" for name, weight in MIX.items()]
        return [
            str(program),
            "--no-vacuum",
            "--protocol=simple",
            "--jobs=1",
            f"--client={self.clients}",
            f"--rate={self.rate:g}",
            # Not by time: its clock runs while hundreds of clients connect, which on a busy machine takes longer. Some
            # more than are counted: at the end clients have none left, and the last ones would have to do the rest.
            f"--transactions={math.ceil(self.rate * self.seconds / self.clients * _MORE)}",
            "--log",
            f"--log-prefix={self.folder / 'transactions'}",
            *scripts,
            self.target.endpoint.connection_string(role, password_file, "langpont-load", self.target.database),
        ]

    def _logged(self) -> Iterator[Transaction]:
        for log in self.folder.glob("transactions*"):
            with log.open(encoding="ascii") as lines:
                yield from parse_log(lines)


def parse_log(lines: Iterable[str]) -> Iterator[Transaction]:
    """Yield the transactions of a log (PostgreSQL 16, pgbench, "Per-Transaction Logging").

    A line has the client, its transaction's number, the microseconds from the moment it was due, the script's number,
    and the end as seconds and microseconds of Unix time.
    """
    kinds = list(MIX)
    for line in lines:
        _, _, took, script, seconds, microseconds, *_ = line.split()
        ended = int(seconds) + int(microseconds) / 1_000_000
        if took.isdigit():
            yield Transaction(kinds[int(script)], ended - int(took) / 1_000_000, ended)
        else:
            yield Transaction(kinds[int(script)], ended, ended, f"pgbench: {took}")


def troubles(errors: str) -> Iterator[str]:
    """Yield what clients gave up for, without their numbers, so that equal ones can be counted."""
    for line in errors.splitlines():
        if _ABORTED.search(line):
            yield re.sub(r"\d+", "n", line.split("pgbench: ", 1)[-1]).strip()


def passfile_line(password: str) -> str:
    """Return the line of libpq's password file for any server (libpq, "The Password File")."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    return f"*:*:*:*:{escaped}"


def _first_error(output: str) -> str:
    lines = [line for line in output.splitlines() if "error:" in line]
    return lines[0] if lines else "it printed no error"
