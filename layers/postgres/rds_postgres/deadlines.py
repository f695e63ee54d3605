"""Ends a conversation with a server that answers no more, whatever it was about."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import psycopg

from rds_postgres.connections import Connection
from rds_postgres.errors import PostgresError, UnreachableError

CANCEL_TIMEOUT_SECONDS = 1.0


@contextmanager
def ended_after(connection: Connection, limit: timedelta) -> Iterator[None]:
    """Cancel what the server does and break the connection when the block takes longer.

    The server's own timeouts do not count while a commit waits for a standby or a disk, and a server that hangs
    acknowledges what it is sent all the same. What is cancelled holds no place among the server's connections.

    Args:
        connection: What is used in the block; it is of no use after the limit.
        limit: How long the block may take; the cancellation may take a second more.

    Raises:
        UnreachableError: the limit passed; what was asked for may or may not be done.
    """
    is_over = threading.Event()
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        timer = threading.Timer(limit.total_seconds(), _break, [connection, same, is_over])
        timer.daemon = True
        timer.start()
        try:
            yield
        except PostgresError as error:
            if is_over.is_set():
                raise _no_answer(limit) from error
            raise
        finally:
            timer.cancel()
            timer.join()
    # A commit whose wait was cancelled claims success (PostgreSQL manual, "synchronous_commit").
    if is_over.is_set():
        raise _no_answer(limit)


def _no_answer(limit: timedelta) -> UnreachableError:
    return UnreachableError(f"no answer within {limit.total_seconds():g} s")


def _break(connection: Connection, connected: socket.socket, is_over: threading.Event) -> None:
    is_over.set()
    with suppress(psycopg.Error):
        connection.cancel_safe(timeout=CANCEL_TIMEOUT_SECONDS)
    with suppress(OSError):  # the other side was faster
        connected.shutdown(socket.SHUT_RDWR)
