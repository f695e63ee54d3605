"""What an application sees of Database and of AsyncDatabase alike."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self

from langpont_db.core import Core
from langpont_db.environment import read_settings
from langpont_db.events import Events
from langpont_db.requests import Request
from langpont_db.settings import Settings


class Facade(ABC):
    """A primary and its replicas. Make one at start, share it, close it at the end.

    Args:
        settings: Where the servers are and how they are used.

    Raises:
        ConfigurationError: a server is not what the settings say; one that does not answer is an event and a warning.
    """

    def __init__(self, settings: Settings) -> None:
        self._core = self._make_core(settings)

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
        """Return the scope of one request, in which reads see the request's own writes; for `with` and `async with`.

        Threads have to be given it (contextvars.copy_context); tasks that are made in it share it.

        Args:
            token: What the user's last request ended with; one that does not verify sends the reads to the primary.
        """
        return self._core.request(token)

    @staticmethod
    @abstractmethod
    def _make_core(settings: Settings) -> Core:
        """Return the parts, for threads or for asyncio."""

    def _deadline(self, deadline_seconds: float | None) -> float:
        """Return when run_in_transaction gives up."""
        return self._core.settings.retry_deadline_seconds if deadline_seconds is None else deadline_seconds
