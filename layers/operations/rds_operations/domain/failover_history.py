"""Reads failovers out of an instance's event history, which tells no identifiers.

RDS's order (measured, aws-facts section 9): failover started, instance restarted 13 to 33 s later (once or twice),
failover completed and, at the same time, its reason as a further `failover` entry. An abandoned failover (event 0034)
looks like a start. What can be read in more than one way is not guessed: there is no duration, and a restart is told.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from rds_operations.domain.instances import HistoryEntry

LONGEST_FAILOVER = timedelta(minutes=30)
SAME_TIME = timedelta(milliseconds=50)
"""RDS stamps completion and reason alike; the margin is for clocks that are read twice."""

_MARGIN = timedelta(seconds=5)
_LONGEST_UNTIL_RESTART = timedelta(minutes=2)
_FAILOVER, _RESTART = "F", "R"
# Maybe restarts for another reason; whole failovers whose reason is missing; a start, and the restarts that follow it.
_PLAUSIBLE = re.compile(f"{_RESTART}*({_FAILOVER}{_RESTART}+{_FAILOVER})*{_FAILOVER}{_RESTART}*")


def belongs_to_failover(history: Sequence[HistoryEntry], restarted_at: datetime) -> bool | None:
    """Return whether a failover explains a restart, so that it is told by itself; None where that shows later only.

    1. A failover whose start and completion are known explains what lies between them, give or take five seconds.
    2. One that is not completed yet explains a restart in the two minutes after its start, if that start is the only
       `failover` entry of the last 30 minutes.
    3. A further one may be an abandoned failover or an earlier completion: a completion to come decides.
    4. Without any `failover` entry since the last known completion there is nothing to explain it.
    """
    failovers = _failover_times(history)
    completions = _known_completions(failovers)
    for completed_at in completions:
        if _lies_within(restarted_at, history, completed_at):
            return True
    recent = [time for time in failovers if restarted_at - LONGEST_FAILOVER < time <= restarted_at]
    if len(recent) == 1 and restarted_at - recent[0] <= _LONGEST_UNTIL_RESTART:
        return True
    last_end = max((time for time in completions if time <= restarted_at), default=restarted_at - LONGEST_FAILOVER)
    return None if any(time > last_end for time in recent) else False


def belonged_to_failover(history: Sequence[HistoryEntry], restarted_at: datetime) -> bool:
    """Return whether a failover explains a restart, some minutes after it: by then its completion is listed.

    A `failover` entry alone may be the next failover's start, and what looks like its own start an abandoned request:
    such a pair explains a restart in its first two minutes only.

    Args:
        history: The instance's events up to now.
        restarted_at: In UTC.
    """
    failovers = _failover_times(history)
    known = _known_completions(failovers)
    return any(
        _lies_within(restarted_at, history, time, LONGEST_FAILOVER if time in known else _LONGEST_UNTIL_RESTART)
        for time in failovers
        if time > restarted_at - _MARGIN
    )


def _lies_within(
    restarted_at: datetime,
    history: Sequence[HistoryEntry],
    completed_at: datetime,
    longest_until_restart: timedelta = LONGEST_FAILOVER,
) -> bool:
    started_at = failover_started_at(history, completed_at)
    if started_at is None:
        return False
    return started_at - _MARGIN <= restarted_at <= min(completed_at + _MARGIN, started_at + longest_until_restart)


def failover_started_at(history: Sequence[HistoryEntry], completed_at: datetime) -> datetime | None:
    """Return when the failover that was completed at `completed_at` (UTC) had started, or None where that is not told.

    1. Only the 30 minutes before the completion count, and of those what follows an earlier completion, which is known
       by its two `failover` entries at one time.
    2. What RDS says at the completion's time, or after the last restart in the five seconds before, belongs to the
       completion; the order of events of one time is arbitrary, so a restart may carry the completion's own time.
    3. The rest has to be one start with its restarts, after any number of failovers whose reason is missing: start,
       restart, completion. Otherwise no start is plausible: this one's is not listed yet, or there are several.
    """
    earliest = completed_at - LONGEST_FAILOVER
    entries = [entry for entry in history if earliest < entry.occurred_at <= completed_at + SAME_TIME]
    restarts = [entry.occurred_at for entry in entries if "availability" in entry.categories]
    completing_from = min(completed_at - SAME_TIME, max([completed_at - _MARGIN, *restarts]))
    failovers = [time for time in _failover_times(entries) if time < completing_from]
    earlier_end = max(_known_completions(failovers), default=earliest)
    line = sorted([(time, _RESTART) for time in restarts] + [(time, _FAILOVER) for time in failovers])
    line = [(time, sign) for time, sign in line if time > earlier_end]
    if not _PLAUSIBLE.fullmatch("".join(sign for _, sign in line)):
        return None
    return max(time for time, sign in line if sign == _FAILOVER)


def failover_completed_after(history: Sequence[HistoryEntry], started_at: datetime) -> datetime | None:
    """Return when the failover that had started at `started_at` (UTC) was completed, or None where that is not told.

    1. Two `failover` entries at one time are a completion and its reason.
    2. One alone is a completion where the instance has restarted between the start and it: a further request that RDS
       abandons (event 0034) comes without a restart.
    """
    later = [entry for entry in history if entry.occurred_at > started_at + SAME_TIME]
    failovers = _failover_times(later)
    restarts = [entry.occurred_at for entry in later if "availability" in entry.categories]
    after_a_restart = [time for time in failovers if any(restart <= time for restart in restarts)]
    return min([*_known_completions(failovers), *after_a_restart], default=None)


def _failover_times(history: Iterable[HistoryEntry]) -> list[datetime]:
    return sorted(entry.occurred_at for entry in history if "failover" in entry.categories)


def _known_completions(failovers: Sequence[datetime]) -> list[datetime]:
    return [later for earlier, later in pairwise(failovers) if later - earlier <= SAME_TIME]
