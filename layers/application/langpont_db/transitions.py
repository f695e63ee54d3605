"""Tells what became of servers, from one view to the next."""

from langpont_db.cluster_view import ClusterView
from langpont_db.events import Event, Events
from langpont_db.routing import Reason, why_left_out


class Transitions:
    """Records each change once.

    Args:
        events: Where to tell.
        bound_seconds: How old what a replica shows may be.
    """

    def __init__(self, events: Events, *, bound_seconds: float) -> None:
        self._events = events
        self._bound_seconds = bound_seconds
        self._lost_at: float | None = None
        self._left_out: dict[str, Reason | None] = {}

    def tell(self, before: ClusterView, after: ClusterView, *, now: float, why: str = "") -> None:
        """Record what is different.

        Args:
            before: What was known.
            after: What is known.
            now: By the monotonic clock of the samples.
            why: What was said by a server that did not answer.
        """
        self._tell_of_primary(before, after, now, why)
        if after.primary.timeline is not None:
            for name in after.replicas:
                self._tell_of_replica(after, name, now)

    def _tell_of_primary(self, before: ClusterView, after: ClusterView, now: float, why: str) -> None:
        old, new = before.primary, after.primary
        if old.is_up and not new.is_up:
            self._lost_at = now
            self._events.record(Event.PRIMARY_LOST, why=why)
        if new.is_up and not old.is_up and self._lost_at is not None:
            self._events.record(Event.PRIMARY_BACK, outage_seconds=round(now - self._lost_at, 3))
            self._lost_at = None
        if new.is_up and old.server and old.server != new.server:
            self._events.record(
                Event.FAILOVER_NOTICED, timeline=new.timeline, earlier_timeline=old.timeline, server=new.server
            )

    def _tell_of_replica(self, view: ClusterView, name: str, now: float) -> None:
        reason = why_left_out(view, name, bound_seconds=self._bound_seconds, now=now)
        if self._left_out.get(name) == reason:
            return
        self._left_out[name] = reason
        if reason is None:
            self._events.record(Event.REPLICA_BACK, node=name)
        else:
            self._events.record(Event.REPLICA_LEFT_OUT, node=name, why=reason.value)
