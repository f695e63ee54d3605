"""What was tried, and how it went over time: the arithmetic below the charts, which knows no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

type Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that was tried once: a write, or a transaction.

    Args:
        key: Who tried, and its number with them; of a write, the row's primary key.
        began: When it was sent, in seconds of Unix time.
        ended: When its answer, or the end of its connection, came.
        acknowledged: It succeeded. A write without an acknowledgement may be there or not: it is in doubt.
    """

    key: Key
    began: float
    ended: float
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """A short span of a run.

    Args:
        at: Where it begins, in seconds from the moment that counts as zero.
        acknowledged: Attempts that succeeded in it.
        failed: Those that did not.
        median_ms: The median time of those that succeeded; None where none did.
        slowest_ms: The longest of them.
    """

    at: float
    acknowledged: int
    failed: int
    median_ms: float | None = None
    slowest_ms: float | None = None


def slices(attempts: Sequence[Attempt], zero: float, width: float) -> tuple[Slice, ...]:
    """Cut a run into spans of a width in seconds, empty ones included, counted from a moment in Unix time."""
    by_place: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        by_place.setdefault(int((attempt.ended - zero) // width), []).append(attempt)
    places = range(min(by_place, default=0), max(by_place, default=-1) + 1)
    return tuple(_slice(place * width, by_place.get(place, [])) for place in places)


def _slice(at: float, attempts: Sequence[Attempt]) -> Slice:
    took = [(attempt.ended - attempt.began) * 1000 for attempt in attempts if attempt.acknowledged]
    if not took:
        return Slice(round(at, 3), 0, len(attempts))
    return Slice(round(at, 3), len(took), len(attempts) - len(took), round(median(took), 3), round(max(took), 3))
