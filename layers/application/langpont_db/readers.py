"""Chooses the server of a read from what is known now, and waits for a replica where that was asked for."""

import itertools
import time
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import replace

from langpont_db.cluster_view import ClusterView
from langpont_db.errors import ConfigurationError
from langpont_db.events import Event, Events
from langpont_db.failures import words_of
from langpont_db.nodes import PRIMARY, Node
from langpont_db.requests import Request
from langpont_db.routing import ReadDecision, ReadWish, decide_where_to_read
from langpont_db.settings import Settings

_LOOK_AGAIN_SECONDS = 0.01


class Reader:
    """Chooses servers; the same for threads and asyncio but for how it pauses.

    Args:
        nodes: Every server by name.
        candidates: Names of replicas by purpose; None is the purpose of ordinary reads.
        settings: The database's.
        events: Where to tell.
        look: Returns what is known now.
        request: The scope in force.
        pause: Waits that many seconds.
    """

    def __init__(  # noqa: PLR0913 (the parts it connects)
        self,
        nodes: Mapping[str, Node],
        candidates: Mapping[str | None, tuple[str, ...]],
        settings: Settings,
        events: Events,
        *,
        look: Callable[[], ClusterView],
        request: ContextVar[Request | None],
        pause: Callable[[float], None],
    ) -> None:
        self._nodes = nodes
        self._candidates = candidates
        self._settings = settings
        self._look = look
        self._request = request
        self._pause = pause
        self._turns = itertools.count()
        self.events = events

    @property
    def primary(self) -> Node:
        """The server that takes writes."""
        return self._nodes[PRIMARY]

    @property
    def request(self) -> Request | None:
        """The request in force, which knows where a replica must be."""
        return self._request.get()

    @property
    def knowledge(self) -> object:
        """What the request in force knows of its user's writes: another object whenever that has changed."""
        request = self._request.get()
        return request.knowledge if request else None

    def refuse_unknown_purpose(self, purpose: str | None) -> None:
        """Raise when no replica is configured for a purpose.

        Raises:
            ConfigurationError: the message names the purpose and those that there are.
        """
        if purpose not in self._candidates:
            known = ", ".join(sorted(name for name in self._candidates if name)) or "none is configured"
            raise ConfigurationError(f"purpose is {purpose!r}, allowed: {known}")

    def choose(self, purpose: str | None, excluded: Collection[str]) -> Node:
        """Return the server for a read.

        Args:
            purpose: The session's.
            excluded: Servers that just failed this read.
        """
        request = self._request.get()
        wish = ReadWish(
            candidates=self._candidates[purpose],
            required=request.required if request else None,
            is_verified=request.is_verified if request else True,
            excluded=excluded,
        )
        decision = self._decide(wish)
        if decision.is_worth_waiting and self._settings.replica_wait_seconds:
            decision = self._wait(wish)
        return self._nodes[decision.replica or PRIMARY]

    def tell_of_repetition(self, failed: Node, error: BaseException) -> None:
        """Record that a read is repeated elsewhere."""
        self.events.record(Event.READ_REPEATED, node=failed.name, error=words_of(error))

    def _decide(self, wish: ReadWish) -> ReadDecision:
        view = self._look()
        if PRIMARY in wish.excluded:
            view = replace(view, primary=replace(view.primary, is_up=False))
        return decide_where_to_read(
            view,
            wish,
            bound_seconds=self._settings.lag_bound_seconds,
            now=time.monotonic(),
            turn=next(self._turns),
        )

    def _wait(self, wish: ReadWish) -> ReadDecision:
        ends_at = time.monotonic() + self._settings.replica_wait_seconds
        decision = self._decide(wish)
        while decision.is_worth_waiting and time.monotonic() < ends_at:
            self._pause(_LOOK_AGAIN_SECONDS)
            decision = self._decide(wish)
        return decision
