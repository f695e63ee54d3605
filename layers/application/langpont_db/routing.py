"""Decides where a read goes: a ladder over what is known, without a clock, a connection or a round trip."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from langpont_db.cluster_view import ClusterView, ReplicaView, marks_reached, staleness_seconds
from langpont_db.positions import Position


class Reason(StrEnum):
    """Why a read goes where it goes, or why a replica is left out."""

    NO_REPLICAS = "no replica is configured"
    UNVERIFIED = "the request's token did not verify"
    UNKNOWN_TIMELINE = "the user's write is newer than the primary that is known"
    UNREACHABLE = "it does not answer"
    NO_REPLICA = "it is no replica any more"
    PAUSED = "its replay is paused"
    NOT_FOLLOWING = "it is not proven to follow the primary"
    STALE = "it is further behind than the bound"
    MISSES_OWN_WRITE = "it does not have the user's own write yet"
    USABLE = "it has what the reader may expect"


@dataclass(frozen=True, slots=True)
class ReadWish:
    """What a read needs.

    Args:
        candidates: Names of the replicas that it may go to.
        required: What its user has written; None when nothing.
        is_verified: Whether that is known: a token that did not verify leaves only the primary.
        excluded: Servers that just failed it.
    """

    candidates: tuple[str, ...]
    required: Position | None = None
    is_verified: bool = True
    excluded: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """Where a read goes.

    Args:
        replica: The replica's name; None for the primary.
        reason: Why.
        is_worth_waiting: Whether a replica is usable but for the user's own write, which it may have in a moment.
    """

    replica: str | None
    reason: Reason
    is_worth_waiting: bool = False


def decide_where_to_read(
    view: ClusterView, wish: ReadWish, *, bound_seconds: float, now: float, turn: int
) -> ReadDecision:
    """Return where a read goes.

    1. no candidates: the primary
    2. the request's token did not verify: the primary
    3. the user wrote on a later timeline than the primary's that is known: the primary
    4. replicas that are left out (`why_left_out`) or failed this very read do not count
    5. replicas that do not have the user's own write do not count; the read may wait for one
    6. the rest take turns; without any, the primary

    Args:
        view: What is known of the servers.
        wish: What the read needs.
        bound_seconds: How old what it shows may be.
        now: By the monotonic clock of the samples.
        turn: A number that grows with each read.
    """
    if not wish.candidates:
        return ReadDecision(None, Reason.NO_REPLICAS)
    if not wish.is_verified:
        return ReadDecision(None, Reason.UNVERIFIED)
    if wish.required is not None and wish.required.timeline > (view.primary.timeline or 0):
        return ReadDecision(None, Reason.UNKNOWN_TIMELINE)
    reasons = {
        name: Reason.UNREACHABLE if name in wish.excluded else _reason(view, name, wish, bound_seconds, now)
        for name in wish.candidates
    }
    usable = [name for name, reason in reasons.items() if reason is Reason.USABLE]
    if usable:
        return ReadDecision(usable[turn % len(usable)], Reason.USABLE)
    is_worth_waiting = Reason.MISSES_OWN_WRITE in reasons.values()
    reason = Reason.MISSES_OWN_WRITE if is_worth_waiting else next(iter(reasons.values()))
    return ReadDecision(None, reason, is_worth_waiting)


def why_left_out(view: ClusterView, name: str, *, bound_seconds: float, now: float) -> Reason | None:
    """Return why no read goes to a replica, whoever reads; None when it is in.

    1. it does not answer
    2. it takes writes itself
    3. its replay is paused
    4. it is not proven to follow the primary's timeline: positions say nothing about it
    5. it is further behind than the bound; while the primary is gone, only if it also lacks something seen there

    Args:
        view: What is known of the servers.
        name: The replica.
        bound_seconds: How old what it shows may be.
        now: By the monotonic clock of the samples.
    """
    replica = view.replicas.get(name, ReplicaView())
    if not replica.is_up:
        return Reason.UNREACHABLE
    if not replica.is_in_recovery:
        return Reason.NO_REPLICA
    if replica.is_paused:
        return Reason.PAUSED
    if replica.follows is None:
        return Reason.NOT_FOLLOWING
    return None if _is_fresh(view, replica, bound_seconds, now) else Reason.STALE


def _is_fresh(view: ClusterView, replica: ReplicaView, bound_seconds: float, now: float) -> bool:
    history = view.primary.history
    if staleness_seconds(history, replica, now) <= bound_seconds:
        return True
    # What a primary acknowledges that cannot be seen from here is not known; an answer of this age beats none.
    return not view.primary.is_up and bool(history) and marks_reached(history, replica) == len(history)


def _reason(view: ClusterView, name: str, wish: ReadWish, bound_seconds: float, now: float) -> Reason:
    left_out = why_left_out(view, name, bound_seconds=bound_seconds, now=now)
    if left_out is not None:
        return left_out
    if wish.required is not None and view.replicas[name].replayed < wish.required.lsn:
        return Reason.MISSES_OWN_WRITE
    return Reason.USABLE
