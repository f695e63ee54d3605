"""Writes that a probe inside the VPC commits for a drill, and what became of them.

The rows are numbered here, so that a number is never used twice, whatever was answered.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from local.drill.probes import ProbeAnswer
from local.drill.writes import WriteAccount, account
from local.errors import LocalError
from local.reports.attempts import Attempt, Key

# Each is a commit of its own: enough to make a loss of some milliseconds likely to hit one, and quick to answer.
ROWS_A_LOOK = 25
_WRITER = 0


class DrilledDatabase(Protocol):
    """What a drill asks of the database, from wherever it can be reached."""

    def look(self) -> ProbeAnswer:
        """Commit a write that leaves no trace."""

    def write(self, run: int, first: int, count: int) -> ProbeAnswer:
        """Commit rows one by one, in the order of their numbers, until one is not acknowledged."""

    def present(self, run: int) -> set[int]:
        """Return the numbers of the rows that are there.

        Raises:
            LocalError: nobody could say.
        """

    def forget(self, run: int) -> None:
        """Remove the rows; errors as `present`."""


@dataclass(slots=True)
class ProbedWrites:
    """One drill's rows.

    Args:
        database: Where they are written.
        now: Unix time in seconds.
    """

    database: DrilledDatabase
    now: Callable[[], float] = time.time
    attempts: list[Attempt] = field(default_factory=list)
    _run: int = field(init=False)
    _sent: int = 0

    def __post_init__(self) -> None:
        """Take the moment for the run's number: no two drills begin in the same millisecond."""
        self._run = round(self.now() * 1000)

    def look(self) -> ProbeAnswer:
        """Have the next rows written, and remember what was said of each."""
        first, began = self._sent + 1, self.now()
        answer = self.database.write(self._run, first, ROWS_A_LOOK)
        self._sent += ROWS_A_LOOK
        ended = self.now()
        for place in range(answer.acknowledged + answer.in_doubt):
            key = (_WRITER, first + place)
            self.attempts.append(Attempt(key, began, ended, acknowledged=place < answer.acknowledged))
        return answer

    def present(self) -> set[Key]:
        """Return the keys of the rows that are there; errors as `DrilledDatabase.present`."""
        return {(_WRITER, number) for number in self.database.present(self._run)}

    def forget(self) -> None:
        """Remove the rows; errors as `DrilledDatabase.forget`."""
        self.database.forget(self._run)

    def counted(self) -> tuple[WriteAccount | None, tuple[str, ...]]:
        """Count the rows, and return what became of each that was sent; or a remark on what failed."""
        try:
            return account(self.attempts, self.present()), ()
        except LocalError as error:
            return None, (f"Lost writes were not counted: {error}.",)

    def removed(self) -> tuple[str, ...]:
        """Remove the rows, and return nothing; or a remark on what failed."""
        try:
            if self.attempts:
                self.forget()
        except LocalError as error:
            return (f"The drill's rows stay: {error}. The next drill, a day later or more, removes them.",)
        return ()
