"""What Database and AsyncDatabase share: servers, monitor, requests and the choice of a server."""

import os
import time
import weakref
from collections.abc import Callable
from contextvars import ContextVar

from langpont_db.attempts import COMMITTED, IN_DOUBT, note_part
from langpont_db.cluster_view import ClusterView
from langpont_db.connecting import Connector
from langpont_db.control_file import is_same_system
from langpont_db.events import Event, Events
from langpont_db.monitor import Monitor
from langpont_db.nodes import PRIMARY, Node, Told
from langpont_db.positions import Position
from langpont_db.probes import ANSWER_LIMIT_SECONDS
from langpont_db.readers import Reader
from langpont_db.requests import NO_POSITION, Request
from langpont_db.settings import Settings
from langpont_db.start_check import check_at_start
from langpont_db.tokens import Claim, TokenSigner

# A question over a new connection takes two limits at most.
_FIRST_ROUND_SECONDS = ANSWER_LIMIT_SECONDS * 2 + 0.5
_CORES: "weakref.WeakSet[Core]" = weakref.WeakSet()


class Core:
    """The parts of a database, connected with each other.

    Args:
        settings: The database's.
        is_async: For asyncio.
        pause: Waits that many seconds, as threads or asyncio do.

    Raises:
        ConfigurationError: the servers are not what the settings say.
    """

    def __init__(self, settings: Settings, *, is_async: bool, pause: Callable[[float], None]) -> None:
        self.settings = settings
        self.events = Events()
        self.nodes, candidates = _nodes_of(settings)
        self._signer = TokenSigner(settings.token_key)
        self._request: ContextVar[Request | None] = ContextVar("langpont_db.request", default=None)
        self.reader = Reader(
            self.nodes, candidates, settings, self.events, look=self._look, request=self._request, pause=pause
        )
        check_at_start(self.nodes, self.events, processes=settings.processes)
        if settings.token_key is None:
            self.events.record(Event.TOKEN_KEY_MISSING)
        told = Told(lost=self._lost, committed=self._committed, lost_track=self._lost_track)
        for node in self.nodes.values():
            node.open(settings, self.events, is_async=is_async, told=told)
        self.monitor = self._new_monitor()
        self.monitor.start(first_round_seconds=_FIRST_ROUND_SECONDS)
        _CORES.add(self)

    def request(self, token: str | None) -> Request:
        """Return a scope in which reads see what a user wrote.

        Args:
            token: The user's, from the request before; None without one.
        """
        if not token:
            return self._new_request()
        if token == NO_POSITION:
            return self._request_after_unknown_commit()
        claim = self._signer.read(token)
        system = self.monitor.view.primary.system
        if claim and (system is None or is_same_system(claim.system, system)):
            return self._new_request(claim)
        self.events.record(Event.TOKEN_REJECTED, why="another database" if claim else "not signed with this key")
        return self._new_request(is_verified=False)

    def stop(self) -> None:
        """End the monitor; harmless when it has ended."""
        _CORES.discard(self)
        self.monitor.stop()

    def restart_in_child(self) -> None:
        """Begin anew in a process that was forked: threads were left behind, and the connections are the parent's."""
        for node in self.nodes.values():
            node.leave_to_parent()
        self.events.forget_lock()
        view = self.monitor.view
        self.monitor = self._new_monitor()
        self.monitor.view = view
        self.monitor.start()

    def _request_after_unknown_commit(self) -> Request:
        self.events.record(Event.TOKEN_REJECTED, why="the outcome of a commit was unknown")
        request = self._new_request()
        # What the primary has once all has ended that is under way now is later than that commit, if it was done.
        request.lose_track(now=time.monotonic())
        return request

    def _new_request(self, claim: Claim | None = None, *, is_verified: bool = True) -> Request:
        return Request(self._request, self._signer, self._look, claim=claim, is_verified=is_verified)

    def _new_monitor(self) -> Monitor:
        return Monitor(self.nodes, self.events, bound_seconds=self.settings.lag_bound_seconds)

    def _look(self) -> ClusterView:
        return self.monitor.view

    def _lost(self, name: str) -> None:
        self.monitor.suspect(name)

    def _committed(self, position: Position) -> None:
        note_part(COMMITTED)
        if request := self._request.get():
            request.note(position)

    def _lost_track(self) -> None:
        note_part(IN_DOUBT)
        if request := self._request.get():
            request.lose_track(now=time.monotonic())


def _nodes_of(settings: Settings) -> tuple[dict[str, Node], dict[str | None, tuple[str, ...]]]:
    """Return every server by name, and the names of the replicas by purpose."""
    targets = settings.targets()
    ordinary, purposeful = settings.statement_timeout_seconds, settings.purpose_statement_timeout_seconds
    primary = Connector(targets.primary, settings, statement_timeout_seconds=ordinary)
    nodes = {PRIMARY: Node(name=PRIMARY, connector=primary, pool=settings.primary_pool)}
    candidates: dict[str | None, tuple[str, ...]] = {}
    for purpose, urls in ((None, targets.replicas), *targets.purposes.items()):
        seconds = ordinary if purpose is None else purposeful
        replicas = [
            Node(
                name=f"{purpose or 'replica'}-{number}",
                connector=Connector(url, settings, statement_timeout_seconds=seconds),
                pool=settings.replica_pool,
            )
            for number, url in enumerate(urls, start=1)
        ]
        nodes |= {node.name: node for node in replicas}
        candidates[purpose] = tuple(node.name for node in replicas)
    return nodes, candidates


def _restart_in_child() -> None:
    for core in tuple(_CORES):
        core.restart_in_child()


os.register_at_fork(after_in_child=_restart_in_child)
