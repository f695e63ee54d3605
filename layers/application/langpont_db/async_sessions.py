"""The sessions for asyncio: SQLAlchemy's AsyncSession over the ones for threads, which run in its greenlet."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from langpont_db.sessions import ReadSession, RoutingSession, WriteSession


class _AsyncCommittingSession(AsyncSession):
    """Commits when its `async with` is left cleanly."""

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        try:
            if kind is None:
                await self.commit()
        finally:
            await super().__aexit__(kind, error, traceback)


class AsyncWriteSession(_AsyncCommittingSession):
    """WriteSession for asyncio."""

    sync_session_class = WriteSession
    sync_session: WriteSession


class AsyncReadSession(AsyncSession):
    """ReadSession for asyncio."""

    sync_session_class = ReadSession


class AsyncRoutingSession(_AsyncCommittingSession):
    """RoutingSession for asyncio."""

    sync_session_class = RoutingSession
