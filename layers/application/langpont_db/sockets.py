"""Keeps a hand on the socket of every connection, to break those that a silent server holds.

A process that hangs leaves its sockets to the kernel, which goes on to acknowledge what is sent: no keepalive and no
timeout of TCP ends the wait of whoever reads from one. Whoever shuts the socket down does.
"""

import os
import socket
import threading
import weakref
from contextlib import suppress
from typing import Any


class Sockets:
    """The sockets of one server's connections."""

    def __init__(self) -> None:
        self._sockets: dict[int, tuple[socket.socket, float, weakref.ref[Any]]] = {}
        # Taken again by the thread that has it: a connection may be collected anywhere.
        self._lock = threading.RLock()
        self._next = 0

    def add(self, driver: Any, *, now: float) -> None:
        """Keep the socket of a new connection, for as long as the connection lives.

        Args:
            driver: A psycopg connection, of either kind.
            now: The monotonic clock.
        """
        # A descriptor of its own: by the time it is needed, the connection's may be another file's.
        same = socket.socket(fileno=os.dup(driver.fileno()))
        with self._lock:
            self._forget_closed()
            self._next += 1
            number = self._next
            self._sockets[number] = (same, now, weakref.ref(driver))
        weakref.finalize(driver, self._forget, number).atexit = False

    def break_older_than(self, moment: float) -> int:
        """End the conversation of every connection that is older, and return how many were ended.

        Args:
            moment: By the monotonic clock.
        """
        with self._lock:
            older = [(number, same) for number, (same, since, _) in tuple(self._sockets.items()) if since < moment]
            for number, same in older:
                with suppress(OSError):  # the other side was faster
                    same.shutdown(socket.SHUT_RDWR)
                self._forget(number)
        return len(older)

    def abandon(self) -> None:
        """Let go of every socket; in a process that was forked, nobody may be left to release the lock."""
        self._lock = threading.RLock()
        for number in tuple(self._sockets):
            self._forget(number)

    def _forget_closed(self) -> None:
        """Let go of those that were closed and are not collected yet: cancelled tasks hold on to what they used."""
        for number, (_, _, reference) in tuple(self._sockets.items()):
            driver = reference()
            if driver is None or driver.closed:
                self._forget(number)

    def _forget(self, number: int) -> None:
        # Closed and not shut down: after a fork the conversation is another process's.
        with self._lock:
            kept = self._sockets.pop(number, None)
        if kept is not None:
            kept[0].close()
