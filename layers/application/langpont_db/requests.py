"""Remembers, for the length of a request, how far its user has written."""

import threading
from collections.abc import Callable
from contextvars import ContextVar, Token  # noqa: TC003 (the class is not there yet when it is annotated)
from types import TracebackType
from typing import Self

from langpont_db.cluster_view import ClusterView
from langpont_db.errors import ConfigurationError
from langpont_db.positions import Position
from langpont_db.tokens import Claim, TokenSigner

NO_POSITION = "unknown"
"""What a user carries while nobody knows how far they have written; it verifies nowhere."""


class Request:
    """The scope in which reads see their own writes; a context manager, for threads and for asyncio.

    Args:
        current: Where the scope in force is kept.
        signer: Signs and reads tokens.
        look: Returns what is known of the servers.
        claim: What the user's token claims; None without a token.
        is_verified: False when there was a token that did not verify: then only the primary is sure to have it all.
    """

    def __init__(
        self,
        current: "ContextVar[Request | None]",
        signer: TokenSigner,
        look: Callable[[], ClusterView],
        *,
        claim: Claim | None = None,
        is_verified: bool = True,
    ) -> None:
        self._current = current
        self._signer = signer
        self._look = look
        self._lost_track_at: float | None = None
        self._required = claim.position if claim else None
        self._lock = threading.Lock()
        self._outer: Token[Request | None] | None = None
        self.is_verified = is_verified
        self.knowledge = object()
        """Another object whenever more is known of what was written."""

    @property
    def required(self) -> Position | None:
        """How far a replica must be for this user; None when nothing was written."""
        return self._required

    @property
    def token(self) -> str | None:
        """What to carry to the user's next request; None when nothing was written.

        After a commit that may or may not have been done, it asks for whatever the primary has had since; until the
        primary is seen again, with all ended that was under way, it verifies nowhere and leaves only the primary.
        """
        primary, required = self._look().primary, self._required
        if self._lost_track_at is not None:
            end = primary.end_after(self._lost_track_at)
            if end is None:
                return NO_POSITION
            required = Position(primary.timeline or 0, end).and_after(required)
        return None if required is None else self._signer.sign(Claim(primary.system or 0, required))

    def note(self, position: Position) -> None:
        """Remember that something was committed.

        Args:
            position: Where the log was when it was.
        """
        with self._lock:
            self._required = position.and_after(self._required)
            self.knowledge = object()

    def lose_track(self, *, now: float) -> None:
        """Send the reads that follow to the primary: nobody knows whether something was committed.

        Args:
            now: The monotonic clock.
        """
        self._lost_track_at, self.is_verified = now, False
        self.knowledge = object()

    def __enter__(self) -> Self:
        if self._outer is not None:
            raise ConfigurationError("a request was entered twice, allowed: once; make a new one for each request")
        self._outer = self._current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._outer is not None:
            self._current.reset(self._outer)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)
