"""SQLAlchemy's pools, which tell when they are exhausted."""

from collections.abc import Callable
from typing import Self

from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection, QueuePool

from langpont_db.errors import PoolExhaustedError


class _TellingPool(QueuePool):
    """A queue pool whose exhaustion is an event and this package's error."""

    on_exhausted: Callable[[], None] | None = None

    def connect(self) -> PoolProxiedConnection:
        """Return a connection of the pool.

        Raises:
            PoolExhaustedError: none became free in time.
        """
        try:
            return super().connect()
        except PoolTimeoutError as error:
            if self.on_exhausted:
                self.on_exhausted()
            raise PoolExhaustedError(" ".join(str(error).split())) from error

    def recreate(self) -> Self:
        """Return a new pool of the same kind, e.g. for a process that was forked."""
        pool = super().recreate()
        pool.on_exhausted = self.on_exhausted  # type: ignore[attr-defined]
        return pool  # type: ignore[return-value]


class TellingPool(_TellingPool):
    """For threads."""


class AsyncTellingPool(_TellingPool, AsyncAdaptedQueuePool):
    """For asyncio."""
