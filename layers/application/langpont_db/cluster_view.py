"""What is known of the servers: samples of each, folded into one frozen view that decisions are made from.

No clock of a server is compared with another's: how stale a replica is follows from when the primary was seen at a
point that the replica has reached, in its log or in its transactions.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from langpont_db.control_file import is_same_system

_MOST_MARKS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one server answered.

    Args:
        asked_at: When it was asked, by this machine's monotonic clock in seconds: what was committed before is in it.
        is_in_recovery: Whether it is a replica.
        system: The database system's identifier, which replicas share with their primary; 0 when it may not be read.
        lsn: Where a primary's log ends, or how far a replica has replayed it.
        received: What a replica has of the log, replayed or not.
        transaction: Every transaction before it has ended on a replica; none from it on has on a primary.
        oldest: Every transaction before it has ended.
        timeline: A primary's own; a replica's latest that is proven, which may lag behind.
        is_paused: Whether replay is paused.
        server: Tells one start of one server from another.
    """

    asked_at: float
    is_in_recovery: bool
    system: int
    lsn: int
    received: int
    transaction: int
    oldest: int
    timeline: int
    is_paused: bool
    server: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the primary was at a moment.

    A replica that has replayed the log to there, or in which all transactions have ended that had by then, shows
    everything that was committed before. The log alone would not do: on an idle primary its end may be without a
    commit, and then it goes to disk and to the replicas much later.

    Args:
        lsn: Where its log ended.
        transaction: The first transaction that had not ended.
        asked_at: The newest moment at which it was there.
    """

    lsn: int
    transaction: int
    asked_at: float


@dataclass(frozen=True, slots=True)
class PrimaryView:
    """The primary.

    Args:
        is_up: Whether it answered as a primary when it was asked last.
        timeline: Its history; None as long as it has not been seen.
        system: The database system's identifier.
        server: Which start of which server it is.
        oldest: Every transaction before it has ended, when it was asked last.
        history: How far it was when, oldest first, on this timeline.
    """

    is_up: bool = False
    timeline: int | None = None
    system: int | None = None
    server: str = ""
    oldest: int = 0
    history: tuple[Mark, ...] = ()

    def end_after(self, moment: float) -> int | None:
        """Return an end of its log behind all that was under way at a moment; None as long as there may be none.

        What was under way may go on for a while, also when its client is gone.

        Args:
            moment: By the clock of the history.
        """
        first = next((mark for mark in self.history if mark.asked_at > moment), None)
        return self.history[-1].lsn if first and first.transaction <= self.oldest else None


@dataclass(frozen=True, slots=True)
class ReplicaView:
    """One replica.

    Args:
        is_up: Whether it answered when it was asked last.
        is_in_recovery: Whether it is a replica still.
        is_paused: Whether replay is paused.
        replayed: How far it had replayed the log.
        transaction: Every transaction before it has ended.
        follows: The primary's timeline that it is proven to follow.
        frontier: The end of what it may have from an earlier timeline; None until it was seen on this one.
    """

    is_up: bool = False
    is_in_recovery: bool = True
    is_paused: bool = False
    replayed: int = 0
    transaction: int = 0
    follows: int | None = None
    frontier: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterView:
    """All servers as they were seen last."""

    primary: PrimaryView = PrimaryView()
    replicas: Mapping[str, ReplicaView] = field(default_factory=lambda: MappingProxyType({}))

    def with_primary(self, sample: Sample, *, keep_seconds: float) -> "ClusterView":
        """Return the view after the primary answered.

        Positions of two timelines cannot be compared: on a new one history begins anew, and every replica has to be
        proven to follow.

        Args:
            sample: Its answer.
            keep_seconds: How much history is of use.
        """
        if sample.is_in_recovery:
            return self.without_primary()
        is_same = (self.primary.timeline, self.primary.system) == (sample.timeline, sample.system)
        history = _extended(self.primary.history if is_same else (), sample, keep_seconds)
        primary = PrimaryView(
            is_up=True,
            timeline=sample.timeline,
            system=sample.system,
            server=sample.server,
            oldest=sample.oldest,
            history=history,
        )
        replicas = self.replicas if is_same else _unproven(self.replicas)
        return ClusterView(primary, replicas)

    def without_primary(self) -> "ClusterView":
        """Return the view after the primary did not answer, or not as one."""
        return replace(self, primary=replace(self.primary, is_up=False))

    def with_replica(self, name: str, sample: Sample) -> "ClusterView":
        """Return the view after a replica answered.

        It follows the primary's timeline when it says so, or when it has replayed more than it can have from an
        earlier one.

        Args:
            name: Which.
            sample: Its answer.
        """
        before, timeline = self.replicas.get(name, ReplicaView()), self.primary.timeline
        is_known = timeline is not None and is_same_system(sample.system, self.primary.system)
        frontier = max(sample.received, sample.lsn) if is_known and before.frontier is None else before.frontier
        is_proven = is_known and (
            timeline in (sample.timeline, before.follows)
            or (sample.timeline < (timeline or 0) and before.frontier is not None and sample.lsn > before.frontier)
        )
        return self._with(
            name,
            ReplicaView(
                is_up=True,
                is_in_recovery=sample.is_in_recovery,
                is_paused=sample.is_paused,
                replayed=sample.lsn,
                transaction=sample.transaction,
                follows=timeline if is_proven else None,
                frontier=frontier,
            ),
        )

    def without_replica(self, name: str) -> "ClusterView":
        """Return the view after a replica did not answer."""
        return self._with(name, replace(self.replicas.get(name, ReplicaView()), is_up=False))

    def _with(self, name: str, replica: ReplicaView) -> "ClusterView":
        return replace(self, replicas=MappingProxyType({**self.replicas, name: replica}))


def staleness_seconds(history: tuple[Mark, ...], replica: ReplicaView, now: float) -> float:
    """Return how old what a replica shows can be at most; infinity when that is not known.

    Args:
        history: The primary's.
        replica: The replica.
        now: By the clock of the history.
    """
    reached = marks_reached(history, replica)
    return now - history[reached - 1].asked_at if reached else math.inf


def marks_reached(history: tuple[Mark, ...], replica: ReplicaView) -> int:
    """Return how many of the primary's marks, from the oldest on, a replica has reached."""
    by_log = bisect_right(history, replica.replayed, key=lambda mark: mark.lsn)
    by_transactions = bisect_right(history, replica.transaction, key=lambda mark: mark.transaction)
    return max(by_log, by_transactions)


def _extended(history: tuple[Mark, ...], sample: Sample, keep_seconds: float) -> tuple[Mark, ...]:
    # After a crash the primary may be where it was before the marks that were seen last.
    earlier = [
        mark
        for mark in history
        if mark.asked_at >= sample.asked_at - keep_seconds
        and mark.lsn <= sample.lsn
        and mark.transaction <= sample.transaction
        and (mark.lsn, mark.transaction) != (sample.lsn, sample.transaction)
    ]
    # Marks closer to each other than that would not make a long history more exact, but slower to keep.
    spacing_seconds = keep_seconds / _MOST_MARKS
    if len(earlier) > 1 and earlier[-1].asked_at - earlier[-2].asked_at < spacing_seconds:
        del earlier[-1]
    return (*earlier, Mark(sample.lsn, sample.transaction, sample.asked_at))


def _unproven(replicas: Mapping[str, ReplicaView]) -> Mapping[str, ReplicaView]:
    return MappingProxyType({name: replace(replica, follows=None, frontier=None) for name, replica in replicas.items()})
