"""The application's database, for asyncio."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_only
from tenacity import AsyncRetrying

from langpont_db.async_sessions import AsyncReadSession, AsyncRoutingSession, AsyncWriteSession
from langpont_db.attempts import never_twice
from langpont_db.core import Core
from langpont_db.facade import Facade
from langpont_db.failures import FAILURES
from langpont_db.retries import Repetition
from langpont_db.settings import Settings


def pause(seconds: float) -> None:
    """Wait, and let other tasks go on; called where SQLAlchemy runs what looks like code for threads."""
    await_only(asyncio.sleep(seconds))


class AsyncDatabase(Facade):
    """What Database is, for asyncio: sessions are AsyncSessions, and what waits is awaited.

    Making one checks the servers, which blocks for a moment: make it at start.

    Args:
        settings: Where the servers are and how they are used.

    Raises:
        ConfigurationError: a server is not what the settings say; one that does not answer is an event and a warning.
    """

    @staticmethod
    def _make_core(settings: Settings) -> Core:
        return Core(settings, is_async=True, pause=pause)

    def get_write_session(self, **options: Any) -> AsyncWriteSession:
        """Return a session on the primary, to use directly or in `async with`, which commits when it is left cleanly.

        Args:
            options: SQLAlchemy's, e.g. `expire_on_commit=False`.
        """
        return AsyncWriteSession(bind=self._core.reader.primary.async_engine, **options)

    def get_read_session(self, purpose: str | None = None, **options: Any) -> AsyncReadSession:
        """Return a session that only reads, from a replica where one has what its user may expect.

        Args:
            purpose: Which replicas to use, e.g. `analytics`; None for the ordinary ones.
            options: SQLAlchemy's.

        Raises:
            ConfigurationError: no replica is configured for the purpose.
        """
        self._core.reader.refuse_unknown_purpose(purpose)
        return AsyncReadSession(reader=self._core.reader, purpose=purpose, **options)

    def get_session(self, **options: Any) -> AsyncRoutingSession:
        """Return a session that sends each statement where it belongs; RoutingSession has the ladder.

        Args:
            options: SQLAlchemy's.
        """
        return AsyncRoutingSession(reader=self._core.reader, **options)

    async def run_in_transaction[Value](
        self, work: Callable[[AsyncSession], Awaitable[Value]], *, deadline_seconds: float | None = None
    ) -> Value:
        """Return what `work` returns once its transaction is committed; see Database.run_in_transaction.

        Args:
            work: Gets the session; the transaction is committed when it returns.
            deadline_seconds: When to give up; None for the settings' own.

        Raises:
            TransactionOutcomeUnknown: a commit was under way when its connection was lost, or `work` itself had
                committed a part before a connection was.
            RetriesExhaustedError: the deadline passed.
        """

        async def attempt() -> Value:
            with never_twice():
                async with self.get_write_session() as session:
                    return await work(session)

        repetition = Repetition(attempt, self._deadline(deadline_seconds), self.events)

        async def attempt_again() -> Value:
            return await repetition()

        try:
            return await attempt()
        except FAILURES as error:
            options = repetition.after(error)
        return await AsyncRetrying(**options)(attempt_again)

    async def close(self) -> None:
        """Close every pool and end the monitor; harmless when that is done."""
        await asyncio.to_thread(self._core.stop)
        for node in self._core.nodes.values():
            await node.close_async()
