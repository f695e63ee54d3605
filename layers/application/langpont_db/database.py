"""The application's database, for threads."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from sqlalchemy.orm import Session
from tenacity import Retrying

from langpont_db.core import Core
from langpont_db.environment import read_settings
from langpont_db.events import Events
from langpont_db.requests import Request
from langpont_db.retries import retrying_options
from langpont_db.sessions import ReadSession, RoutingSession, WriteSession
from langpont_db.settings import Settings


class Database:
    """A primary and its replicas. Make one at start, share it between threads, close it at the end.

    Args:
        settings: Where the servers are and how they are used.

    Raises:
        ConfigurationError: a server is not what the settings say; one that does not answer is an event and a warning.
    """

    def __init__(self, settings: Settings) -> None:
        self._core = Core(settings, is_async=False, pause=_pause)

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Return the database that environment variables describe (langpont_db.environment lists them).

        Args:
            variables: The environment; the process's own when None.

        Raises:
            ConfigurationError: a variable or a server is not what it should be.
        """
        return cls(read_settings(variables))

    @property
    def events(self) -> Events:
        """What happened, as counts."""
        return self._core.events

    def request(self, token: str | None = None) -> Request:
        """Return the scope of one request, a context manager in which reads see the request's own writes.

        Args:
            token: What the user's last request ended with; one that does not verify sends the reads to the primary.
        """
        return self._core.request(token)

    def get_write_session(self, **options: Any) -> WriteSession:
        """Return a session on the primary, to use directly or in `with`, which commits when it is left cleanly.

        Args:
            options: SQLAlchemy's, e.g. `expire_on_commit=False`.
        """
        return WriteSession(bind=self._core.reader.primary.engine, **options)

    def get_read_session(self, purpose: str | None = None, **options: Any) -> ReadSession:
        """Return a session that only reads, from a replica where one has what its user may expect.

        Args:
            purpose: Which replicas to use, e.g. `analytics`; None for the ordinary ones.
            options: SQLAlchemy's.

        Raises:
            ConfigurationError: no replica is configured for the purpose.
        """
        self._core.reader.refuse_unknown_purpose(purpose)
        return ReadSession(reader=self._core.reader, purpose=purpose, **options)

    def get_session(self, **options: Any) -> RoutingSession:
        """Return a session that sends each statement where it belongs; RoutingSession has the ladder.

        Args:
            options: SQLAlchemy's.
        """
        return RoutingSession(reader=self._core.reader, **options)

    def run_in_transaction[Value](
        self, work: Callable[[Session], Value], *, deadline_seconds: float | None = None
    ) -> Value:
        """Return what `work` returns once its transaction is committed, and do it again while that is safe.

        What is done again: lost connections before the commit was sent, stale writers, serialization failures and
        deadlocks. `work` may run several times, so it does nothing outside the database that must not be done twice.

        Args:
            work: Gets the session; the transaction is committed when it returns.
            deadline_seconds: When to give up; None for the settings' own.

        Raises:
            TransactionOutcomeUnknown: a commit was under way when its connection was lost.
            RetriesExhaustedError: the deadline passed.
        """
        settings = self._core.settings
        deadline = settings.retry_deadline_seconds if deadline_seconds is None else deadline_seconds

        def attempt() -> Value:
            with self.get_write_session() as session:
                return work(session)

        return Retrying(sleep=_pause, **retrying_options(deadline, self.events))(attempt)

    def close(self) -> None:
        """Close every pool and end the monitor; harmless when that is done."""
        self._core.stop()
        for node in self._core.nodes.values():
            node.close()


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
