"""Tells whether a connection still has its server, mostly without asking it."""

import math
import time
import weakref
from typing import Any, Final

import psycopg

TRUST_SECONDS: Final = 0.5
"""For how long a server that answered is not asked whether it is there (HikariCP's default, aliveBypassWindowMs)."""


def is_lost(driver: Any) -> bool:
    """Tell whether a driver's connection is known to be gone, without asking the server.

    What the server said last, e.g. that it is shutting down, may lie unread in the socket, and behind it the end.

    Args:
        driver: A psycopg connection, of either kind.
    """
    try:
        for _ in ("last words", "end"):
            # Neither waits, and neither lets go of the interpreter, which a busy process would not get back soon.
            driver.pgconn.consume_input()
            # libpq looks at what it has read only when it is asked for something; a last word is a notice then.
            driver.pgconn.notifies()
    except psycopg.OperationalError:
        return True
    return bool(driver.closed)


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
