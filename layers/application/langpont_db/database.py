"""The application's database, for threads."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session
from tenacity import Retrying

from langpont_db.attempts import never_twice
from langpont_db.core import Core
from langpont_db.facade import Facade
from langpont_db.failures import FAILURES
from langpont_db.retries import Repetition
from langpont_db.sessions import ReadSession, RoutingSession, WriteSession
from langpont_db.settings import Settings


def pause(seconds: float) -> None:
    """Wait, and let other threads go on."""
    threading.Event().wait(seconds)


class Database(Facade):
    """A primary and its replicas. Make one at start, share it between threads, close it at the end.

    Args:
        settings: Where the servers are and how they are used.

    Raises:
        ConfigurationError: a server is not what the settings say; one that does not answer is an event and a warning.
    """

    @staticmethod
    def _make_core(settings: Settings) -> Core:
        return Core(settings, is_async=False, pause=pause)

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
        What it commits by itself, also in another session or in a `run_in_transaction` of its own, ends that; in
        another thread it would not be noticed.

        Args:
            work: Gets the session; the transaction is committed when it returns.
            deadline_seconds: When to give up; None for the settings' own.

        Raises:
            TransactionOutcomeUnknown: a commit was under way when its connection was lost, or `work` itself had
                committed a part before a connection was.
            RetriesExhaustedError: the deadline passed.
        """

        def attempt() -> Value:
            with never_twice(), self.get_write_session() as session:
                return work(session)

        repetition = Repetition(attempt, self._deadline(deadline_seconds), self.events)
        try:
            return attempt()
        except FAILURES as error:
            options = repetition.after(error)
        return Retrying(sleep=pause, **options)(repetition)

    def close(self) -> None:
        """Close every pool and end the monitor; harmless when that is done."""
        self._core.stop()
        for node in self._core.nodes.values():
            node.close()
