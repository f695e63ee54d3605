"""What became of every write: the arithmetic of a drill, which knows no database and no clock."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

from local.reports.attempts import Attempt, Key


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
