"""What became of every write: the arithmetic of a drill, which knows no database and no clock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

type Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write that was sent.

    Args:
        key: Who wrote it, and its number with that writer: the row's primary key.
        began: When it was sent, in seconds of Unix time.
        ended: When its answer, or the end of its connection, came.
        acknowledged: The database said that it is committed. Without that the writer cannot know: it is in doubt.
    """

    key: Key
    began: float
    ended: float
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class WriteAccount:
    """Every write of a run, by what was said of it and what is there.

    Args:
        acknowledged: The database said that they are committed.
        lost: Of these, the ones that are not there.
        in_doubt_present: Without an answer, and there.
        in_doubt_absent: Without an answer, and not there.
    """

    acknowledged: int
    lost: int
    in_doubt_present: int
    in_doubt_absent: int

    @property
    def in_doubt(self) -> int:
        """How many writes had no answer."""
        return self.in_doubt_present + self.in_doubt_absent


@dataclass(frozen=True, slots=True)
class Slice:
    """A short span of a run.

    Args:
        at: Where it begins, in seconds from the loss of the primary.
        acknowledged: Writes, or probes, that succeeded in it.
        failed: Those that did not.
        median_ms: The median time of those that succeeded; None where none did.
        slowest_ms: The longest of them.
    """

    at: float
    acknowledged: int
    failed: int
    median_ms: float | None = None
    slowest_ms: float | None = None


def account(attempts: Iterable[Attempt], present: Collection[Key]) -> WriteAccount:
    """Compare what was acknowledged with what is there."""
    counted = {(said, there): 0 for said in (True, False) for there in (True, False)}
    for attempt in attempts:
        counted[attempt.acknowledged, attempt.key in present] += 1
    return WriteAccount(
        acknowledged=counted[True, True] + counted[True, False],
        lost=counted[True, False],
        in_doubt_present=counted[False, True],
        in_doubt_absent=counted[False, False],
    )


def first_acknowledged(attempts: Iterable[Attempt], after: float) -> float | None:
    """Return when the first write was acknowledged after a moment, in Unix time; None where none was."""
    return min((attempt.ended for attempt in attempts if attempt.acknowledged and attempt.ended > after), default=None)


def longest_silence(attempts: Iterable[Attempt]) -> float:
    """Return the longest time without an acknowledgement over all writers together, in seconds."""
    moments = sorted(attempt.ended for attempt in attempts if attempt.acknowledged)
    return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)


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
