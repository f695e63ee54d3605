"""Writes of a failover drill: rows that are counted afterwards, so that a lost one is found.

A transaction's identifier would need no table and does not do: what a promoted server never heard of, it gives away
again, and then calls it committed (decision 10).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

DRILL_TABLE = ("public", "langpont_drill_writes")
"""Made by the set-up, and empty but for the time of a drill."""

DRILL_COLUMNS = ("run", "sequence")
DRILL_RIGHTS = ("SELECT", "INSERT", "DELETE")
"""What the role of the probe may do with it."""

DRILL_ROWS_STAY = timedelta(days=1)
"""What a drill could not remove, although it tried, goes with the next one's after so long."""

MOST_WRITES = 100
"""In one request: each is a commit of its own, and the function has seconds."""

type Range = tuple[int, int]


class DrillAction(StrEnum):
    """What a drill asks for."""

    WRITE = "write"
    COUNT = "count"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class DrillRequest:
    """One request of a drill.

    Args:
        action: What to do.
        run: Tells one drill's rows from another's.
        first: The first sequence number to write.
        count: How many rows to write.
    """

    action: DrillAction
    run: int
    first: int = 1
    count: int = 0


@dataclass(frozen=True, slots=True)
class DrillRows:
    """What there is of a drill's rows, or was until now.

    Args:
        run: Whose.
        present: First and last sequence number of each unbroken series.
        error: Why that is not known; None where it is.
    """

    run: int
    present: tuple[Range, ...] = ()
    error: str | None = None

    def as_response(self) -> dict[str, object]:
        """Return the function's response."""
        return {"run": self.run, "present": [list(each) for each in self.present], "error": self.error}


def as_ranges(numbers: Iterable[int]) -> tuple[Range, ...]:
    """Return first and last of each unbroken series, ascending."""
    ranges: list[Range] = []
    for number in sorted(set(numbers)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)
