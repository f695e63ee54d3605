"""One server as the sessions see it: its engine, its pool, and what happens when a connection of it is lost."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from langpont_db.connecting import Connector
from langpont_db.dialect import DRIVER_NAME, READER_DRIVER_NAME, driver_of, watch_for_unconfirmed_commits
from langpont_db.errors import TransactionOutcomeUnknown, UnreachableError
from langpont_db.events import Event, Events
from langpont_db.failures import connecting_failure, statement_failure
from langpont_db.pools import AsyncTellingPool, TellingPool
from langpont_db.positions import Position
from langpont_db.settings import PoolSize, Settings
from langpont_db.sockets import Sockets

PRIMARY = "primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told what happens on connections.

    Args:
        lost: Gets the server's name when a connection was lost or could not be made.
        committed: Gets the position of each commit on the primary.
        lost_track: Called when nobody knows whether something was committed.
    """

    lost: Callable[[str], None]
    committed: Callable[[Position], None]
    lost_track: Callable[[], None]


@dataclass(slots=True, kw_only=True)
class Node:
    """One server.

    Args:
        name: What events and counts call it: `primary`, `replica-1`, `analytics-1`.
        connector: How to connect to it.
        pool: How many connections its pool holds.
        sockets: Those of its connections.
        engine: Its engine; in asyncio the one beneath the asyncio engine.
        reading: The same engine for transactions that only read: wherever a read session lands, it cannot write.
        async_engine: The asyncio engine, in asyncio.
    """

    name: str
    connector: Connector
    pool: PoolSize
    sockets: Sockets = field(default_factory=Sockets)
    engine: Engine = field(init=False)
    reading: Engine = field(init=False)
    async_engine: AsyncEngine | None = None

    @property
    def is_primary(self) -> bool:
        """Whether it is the one that takes writes."""
        return self.name == PRIMARY

    def open(self, settings: Settings, events: Events, *, is_async: bool, told: Told) -> None:
        """Make the engine; it connects when it is used.

        Args:
            settings: The database's.
            events: Where to tell.
            is_async: For asyncio.
            told: Whom to tell what happens.
        """
        options: dict[str, Any] = {
            "pool_size": self.pool.size,
            "max_overflow": self.pool.max_overflow,
            "pool_timeout": settings.pool_timeout_seconds,
            "pool_recycle": settings.pool_recycle_seconds,
            "pool_pre_ping": True,
            "poolclass": AsyncTellingPool if is_async else TellingPool,
            "pool_logging_name": self.name,
            # A pooler in transaction mode hands the next statement to a server process that has not prepared it.
            "connect_args": {"prepare_threshold": None},
        }
        url = self.connector.url.set(drivername=DRIVER_NAME if self.is_primary else READER_DRIVER_NAME)
        if is_async:
            self.async_engine = create_async_engine(url, **options)
            self.engine = self.async_engine.sync_engine
        else:
            self.engine = create_engine(url, **options)
        self.reading = self.engine.execution_options(postgresql_readonly=True) if self.is_primary else self.engine
        if self.is_primary:
            self.engine.dialect.on_commit = told.committed  # type: ignore[attr-defined]
            self.engine.dialect.on_interruption = told.lost_track  # type: ignore[attr-defined]
        self.engine.pool.on_exhausted = lambda: events.record(  # type: ignore[attr-defined]
            Event.POOL_EXHAUSTED, node=self.name, most_connections=self.pool.most
        )
        _Listeners(self, events, told).attach()

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()
        self.sockets.abandon()

    async def close_async(self) -> None:
        """Close every connection of the pool, in asyncio."""
        if self.async_engine is not None:
            await self.async_engine.dispose()
        self.sockets.abandon()

    def leave_to_parent(self) -> None:
        """Let go of every connection in a process that was forked: they are the parent's, and go on to be used."""
        self.sockets.abandon()
        self.engine.dispose(close=False)


@dataclass(frozen=True, slots=True)
class _Listeners:
    """What SQLAlchemy tells of one engine."""

    node: Node
    events: Events
    told: Told

    def attach(self) -> None:
        engine = self.node.engine
        event.listen(engine, "do_connect", self.connect)
        event.listen(engine, "connect", self.connected)
        event.listen(engine, "handle_error", self.failed)

    def connect(self, dialect: Dialect, _: ConnectionPoolEntry, __: Any, parameters: dict[str, Any]) -> Any:
        return self.node.connector.connect(dialect, parameters, must_write=self.node.is_primary)

    def connected(self, connection: Any, entry: ConnectionPoolEntry) -> None:
        driver = entry.driver_connection
        self.node.sockets.add(driver, now=time.monotonic())
        if self.node.is_primary:
            watch_for_unconfirmed_commits(driver, entry.info)
        else:
            # Once for all its transactions, also if somebody makes a primary of it.
            self.node.engine.dialect.set_readonly(connection, True)  # type: ignore[attr-defined]  # noqa: FBT003

    def failed(self, context: ExceptionContext) -> BaseException | None:
        error, connector = context.original_exception, self.node.connector
        if context.is_pre_ping or not isinstance(error, psycopg.Error):
            return None
        if context.connection is None:
            translated = connecting_failure(error, connector.place, connector.login)
        else:
            translated = statement_failure(
                error,
                driver=driver_of(context.dialect, context.connection.connection),
                is_direct=connector.is_direct,
                is_writer=self.node.is_primary,
                is_closed=context.is_disconnect,
                place=connector.place,
            )
        if translated is not None:
            context.is_disconnect = True
            self._tell(translated)
        return translated

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, TransactionOutcomeUnknown):
            self.events.record(Event.OUTCOME_UNKNOWN, node=self.node.name, error=str(error))
            self.told.lost_track()
        if not isinstance(error, UnreachableError):
            self.events.record(Event.POOL_DROPPED, node=self.node.name, error=str(error))
        self.told.lost(self.node.name)
