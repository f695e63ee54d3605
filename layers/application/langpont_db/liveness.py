"""Tells whether a connection still has its server, mostly without asking it."""

import math
import time
import weakref
from typing import Any, Final

import psycopg

TRUST_SECONDS: Final = 0.5
"""For how long a server that answered is not asked whether it is there (HikariCP's default, aliveBypassWindowMs)."""

# The last words, and the end of the connection: libpq reads one record of TLS at a time.
_READS_TO_THE_END: Final = 2


def is_lost(driver: Any) -> bool:
    """Tell whether a driver's connection is known to be gone, without asking the server.

    What the server said last, e.g. that it is shutting down, may lie unread in the socket, and behind it the end.

    Args:
        driver: A psycopg connection, of either kind.
    """
    quiet = 0
    try:
        while quiet < _READS_TO_THE_END:
            # It does not wait, and does not let go of the interpreter, which a busy process would not get back soon.
            driver.pgconn.consume_input()
            quiet = 0 if _pass_on_notifications(driver.pgconn) else quiet + 1
    except psycopg.OperationalError:
        return True
    return bool(driver.closed)


def _pass_on_notifications(pgconn: Any) -> bool:
    """Pass on what others notified, as psycopg does, and tell whether there was anything.

    libpq looks at what it has read only when it is asked for this; a last word is a notice then.
    """
    is_any = False
    while notification := pgconn.notifies():
        is_any = True
        if pgconn.notify_handler:
            pgconn.notify_handler(notification)
    return is_any


class Answers:
    """When the servers of connections answered last."""

    def __init__(self) -> None:
        self._at: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()

    def note(self, driver: Any) -> None:
        """Remember that a server answered just now.

        Args:
            driver: A psycopg connection, of either kind.
        """
        self._at[driver] = time.monotonic()

    def are_recent(self, driver: Any) -> bool:
        """Tell whether there is no need to ask: its last answer is no older than `TRUST_SECONDS`.

        Args:
            driver: A psycopg connection, of either kind.
        """
        return time.monotonic() - self._at.get(driver, -math.inf) <= TRUST_SECONDS
