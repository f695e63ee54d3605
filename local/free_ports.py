"""Free TCP ports on the loopback address."""

import secrets
import socket
from contextlib import ExitStack

from local.errors import LocalError

LOOPBACK = "127.0.0.1"

# Below Linux's ephemeral range (32768-60999): an outgoing connection cannot take the port of a server that is down for
# a moment, as the old primary is during a failover.
FIRST_PORT = 20_000
LAST_PORT = 32_000
_ATTEMPTS_PER_PORT = 50


def find_free_ports(count: int) -> tuple[int, ...]:
    """Return `count` different ports that nothing listens on at 127.0.0.1.

    Raises:
        LocalError: too few ports from 20000 to 32000 are free.
    """
    candidates = secrets.SystemRandom().sample(range(FIRST_PORT, LAST_PORT + 1), count * _ATTEMPTS_PER_PORT)
    found: list[int] = []
    with ExitStack() as held:
        for port in candidates:
            if len(found) == count:
                break
            if _can_be_bound(port, held):
                found.append(port)
    if len(found) < count:
        raise LocalError(f"found {len(found)} of {count} free ports between {FIRST_PORT} and {LAST_PORT} on {LOOPBACK}")
    return tuple(found)


def _can_be_bound(port: int, held: ExitStack) -> bool:
    """Hold the port until `held` closes, so that the same call cannot find it twice."""
    listener = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        return False
    return True
