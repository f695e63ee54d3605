"""Looks at every server a few times a second, in one thread beside the application, and keeps what it saw.

Sessions read the view and ask nobody: routing costs no round trip. Should the thread ever fail, its last samples grow
old, every replica falls behind the bound, and reads go to the primary, until it looks again.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from langpont_db.cluster_view import ClusterView, Sample
from langpont_db.events import Event, Events
from langpont_db.nodes import PRIMARY, Node
from langpont_db.nudges import Nudges
from langpont_db.probes import ANSWER_LIMIT_SECONDS, Probe, ProbeError
from langpont_db.transitions import Transitions

INTERVAL_SECONDS: Final = 0.25
# A server that is gone is asked more often: the sooner it is found again, the shorter the outage.
_INTERVAL_WHILE_DOWN_SECONDS: Final = 0.05
# A question on an open connection, and two on new ones.
_SILENCE_SECONDS: Final = ANSWER_LIMIT_SECONDS * 2.5
# A pooler lets whoever asks wait in line, and its clients with long statements are not stuck. Web servers give up then.
_SILENCE_OF_POOLER_SECONDS: Final = 30.0
# A replica that was paused for longer than the bound is still compared with what the primary had then.
_HISTORY_BOUNDS: Final = 2
_AGAIN_SECONDS: Final = 1.0


class Monitor:
    """Keeps the view of all servers.

    Args:
        nodes: Every server by name.
        events: Where to tell.
        bound_seconds: How old what a replica shows may be.
    """

    def __init__(self, nodes: Mapping[str, Node], events: Events, *, bound_seconds: float) -> None:
        self._nodes = nodes
        self._keep_seconds = bound_seconds * _HISTORY_BOUNDS
        self._events = events
        self._transitions = Transitions(events, bound_seconds=bound_seconds)
        self._nudges = Nudges()
        self._lock = threading.Lock()
        self._all_were_asked = threading.Event()
        self._unasked = set(nodes)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._calls: Mapping[str, asyncio.Event] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.view = ClusterView()

    def start(self, *, first_round_seconds: float = 0) -> None:
        """Start the thread, and wait until every server was asked once.

        Args:
            first_round_seconds: How long to wait for that at most.
        """
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="langpont_db-monitor", daemon=True)
        self._thread.start()
        self._all_were_asked.wait(first_round_seconds)

    def stop(self) -> None:
        """End the thread and its connections; harmless when it has ended."""
        self._stopping.set()
        self._call(*self._calls)
        if self._thread is not None:
            self._thread.join(ANSWER_LIMIT_SECONDS * 3)

    def suspect(self, name: str) -> None:
        """Take a replica for gone until it answers again, and ask the server at once.

        Args:
            name: Whose connection was lost.
        """
        if name != PRIMARY:
            self._change(lambda view: view.without_replica(name), "a connection was lost")
        self._call(name)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._watch_all())
            except Exception as error:  # noqa: BLE001 (whatever it was, somebody has to look at the servers)
                self._events.record(Event.MONITOR_ENDED, again_seconds=_AGAIN_SECONDS)
                thread = threading.current_thread()
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, thread)))
                self._stopping.wait(_AGAIN_SECONDS)

    async def _watch_all(self) -> None:
        self._calls = {name: asyncio.Event() for name in self._nodes}
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as watches:
            # The primary first: without its timeline, a replica's position says nothing.
            first = watches.create_task(self._watch(self._nodes[PRIMARY]))
            while self._unasked == set(self._nodes) and not first.done():
                await asyncio.sleep(_INTERVAL_WHILE_DOWN_SECONDS / 10)
            for name in self._nodes:
                if name != PRIMARY:
                    watches.create_task(self._watch(self._nodes[name]))

    async def _watch(self, node: Node) -> None:
        watch = _Watch(node, self._see, self._lose, self._break)
        try:
            while not self._stopping.is_set():
                await self._look(watch, node)
        finally:
            await watch.end()

    async def _look(self, watch: "_Watch", node: Node) -> None:
        call = self._calls[node.name]
        pause_seconds = await watch.look()
        if node.is_primary and self._nudges.is_due(self.view, time.monotonic()):
            await watch.nudge()
        self._unasked.discard(node.name)
        if not self._unasked:
            self._all_were_asked.set()
        call.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_seconds):
                await call.wait()

    def _call(self, *names: str) -> None:
        if self._loop is not None and not self._loop.is_closed():
            for name in names:
                with suppress(RuntimeError):  # it was closed at this moment
                    self._loop.call_soon_threadsafe(self._calls[name].set)

    def _see(self, name: str, sample: Sample) -> None:
        if name != PRIMARY:
            self._change(lambda view: view.with_replica(name, sample))
        else:
            why = "it is in recovery" if sample.is_in_recovery else ""
            self._change(lambda view: view.with_primary(sample, keep_seconds=self._keep_seconds), why)

    def _lose(self, name: str, why: str) -> None:
        if name == PRIMARY:
            self._change(ClusterView.without_primary, why)
        else:
            self._change(lambda view: view.without_replica(name), why)

    def _change(self, change: Callable[[ClusterView], ClusterView], why: str = "") -> None:
        with self._lock:
            before, self.view = self.view, change(self.view)
            self._transitions.tell(before, self.view, now=time.monotonic(), why=why)

    def _break(self, node: Node, older_than: float) -> None:
        broken = node.sockets.break_older_than(older_than)
        if broken:
            self._events.record(Event.SERVER_SILENT, node=node.name, connections_broken=broken)


class _Watch:
    """Looks at one server, and has its connections broken when they wait for nothing.

    Whoever answers no more on an open connection is asked over new ones. An answer of the same server there means that
    it was only slow, and a refusal that it is alive or that its kernel has closed what it had. Lasting silence, or an
    answer of another server, means that nothing will come on older connections.
    """

    def __init__(
        self,
        node: Node,
        see: Callable[[str, Sample], None],
        lose: Callable[[str, str], None],
        break_older: Callable[[Node, float], None],
    ) -> None:
        self._node = node
        self._see = see
        self._lose = lose
        self._break_older = break_older
        self._probe = Probe(node.connector)
        self._server = ""
        self._silent_since: float | None = None

    async def look(self) -> float:
        """Ask the server, pass on what it says, and return how many seconds to wait before the next look."""
        asked_at = time.monotonic()
        try:
            sample = await self._probe.ask()
        except ProbeError as error:
            self._lose(self._node.name, str(error))
            if error.is_silent:
                self._note_silence(asked_at)
            return _INTERVAL_WHILE_DOWN_SECONDS
        if self._silent_since is not None and sample.server != self._server:
            self._break_older(self._node, self._probe.connected_at)
        self._server, self._silent_since = sample.server, None
        self._see(self._node.name, sample)
        return INTERVAL_SECONDS

    def _note_silence(self, asked_at: float) -> None:
        self._silent_since = asked_at if self._silent_since is None else self._silent_since
        limit = _SILENCE_SECONDS if self._node.connector.is_direct else _SILENCE_OF_POOLER_SECONDS
        if time.monotonic() - self._silent_since >= limit:
            self._break_older(self._node, self._probe.connected_at)

    async def nudge(self) -> None:
        """Let the log grow a little, so that a replica shows whether it follows."""
        await self._probe.nudge()

    async def end(self) -> None:
        """End the probe's connection."""
        await self._probe.close()
