"""Writes without pause, and remembers what the database acknowledged."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psycopg

from local.errors import LocalError
from local.postgres.access import Connection
from local.waiting import wait_until

_WRITERS = 3
_DEADLINE_SECONDS = 30.0


class Writers:
    """Several threads that insert into `acks (writer, number)`, each row once, until the `with` block ends.

    Args:
        connect: Opens a connection; called again after every error.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self.acknowledged: set[tuple[object, ...]] = set()
        self._connect = connect
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(writer,)) for writer in range(_WRITERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=_DEADLINE_SECONDS)

    def wait_for_acknowledged(self, further: int) -> None:
        """Wait until so many more rows are acknowledged."""
        wanted = len(self.acknowledged) + further
        wait_until(
            f"{wanted} acknowledged writes",
            lambda: len(self.acknowledged) >= wanted,
            deadline_seconds=_DEADLINE_SECONDS,
        )

    def _write(self, writer: int) -> None:
        number = 0
        while not self._stop.is_set():
            try:
                with self._connect() as connection:
                    while not self._stop.is_set():
                        number += 1
                        connection.execute("INSERT INTO acks VALUES (%s, %s)", [writer, number])
                        self.acknowledged.add((writer, number))
            except (psycopg.OperationalError, LocalError):
                # The primary is gone; whether the last row is stored is unknown, and its number is not used again.
                self._stop.wait(0.02)
