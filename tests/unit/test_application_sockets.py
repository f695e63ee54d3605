"""Which sockets are kept: those of connections that are open."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from langpont_db.sockets import Sockets


class Driver:
    """Stands for a psycopg connection."""

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected
        self.closed = False

    def fileno(self) -> int:
        return self._connected.fileno()


@pytest.fixture
def drivers() -> Iterator[list[Driver]]:
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(3)]
        for one in (each for pair in pairs for each in pair):
            stack.enter_context(one)
        yield [Driver(ours) for ours, _ in pairs]


def test_connection_that_was_closed_is_let_go_of_when_the_next_one_is_made(drivers: list[Driver]) -> None:
    sockets = Sockets()
    for driver in drivers[:2]:
        sockets.add(driver, now=1.0)
    drivers[0].closed = True

    sockets.add(drivers[2], now=2.0)

    assert sockets.break_older_than(3.0) == len(drivers) - 1
    sockets.abandon()


def test_only_older_connections_are_broken(drivers: list[Driver]) -> None:
    sockets = Sockets()
    for moment, driver in enumerate(drivers):
        sockets.add(driver, now=float(moment))

    assert sockets.break_older_than(1.0) == 1
    assert sockets.break_older_than(1.0) == 0
    sockets.abandon()
