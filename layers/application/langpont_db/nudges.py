"""Decides when the primary's log has to grow a little: on an idle one, a replica cannot show that it follows."""

from langpont_db.cluster_view import ClusterView

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0


class Nudges:
    """Asks for one at once, and then ever more seldom: a replica that went another way never follows."""

    def __init__(self) -> None:
        self._pause_seconds = 0.0
        self._last = 0.0

    def is_due(self, view: ClusterView, now: float) -> bool:
        """Tell whether to nudge now.

        Args:
            view: What is known of the servers.
            now: The monotonic clock.
        """
        waits = any(
            replica.is_up and replica.is_in_recovery and replica.follows is None and replica.frontier is not None
            for replica in view.replicas.values()
        )
        if not (waits and view.primary.is_up):
            self._pause_seconds = 0.0
            return False
        if now - self._last < self._pause_seconds:
            return False
        self._last = now
        self._pause_seconds = min(max(self._pause_seconds * 2, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
        return True
