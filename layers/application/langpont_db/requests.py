"""Remembers, for the length of a request, how far its user has written."""

import threading
from collections.abc import Callable
from contextvars import ContextVar, Token  # noqa: TC003 (the class is not there yet when it is annotated)
from types import TracebackType
from typing import Self

from langpont_db.errors import ConfigurationError
from langpont_db.positions import Position
from langpont_db.tokens import Claim, TokenSigner


class Request:
    """The scope in which reads see their own writes; a context manager, for threads and for asyncio.

    Args:
        current: Where the scope in force is kept.
        signer: Signs and reads tokens.
        system: Returns the database system's identifier; None while it is not known.
        claim: What the user's token claims; None without a token.
        is_verified: False when there was a token that did not verify: then only the primary is sure to have it all.
    """

    def __init__(
        self,
        current: "ContextVar[Request | None]",
        signer: TokenSigner,
        system: Callable[[], int | None],
        *,
        claim: Claim | None = None,
        is_verified: bool = True,
    ) -> None:
        self._current = current
        self._signer = signer
        self._system = system
        self._required = claim.position if claim else None
        self._lock = threading.Lock()
        self._outer: Token[Request | None] | None = None
        self.is_verified = is_verified

    @property
    def required(self) -> Position | None:
        """How far a replica must be for this user; None when nothing was written."""
        return self._required

    @property
    def token(self) -> str | None:
        """What to carry to the user's next request; None when nothing was written, so far as is known."""
        if self._required is None:
            return None
        return self._signer.sign(Claim(self._system() or 0, self._required))

    def note(self, position: Position) -> None:
        """Remember that something was committed.

        Args:
            position: Where the log was when it was.
        """
        with self._lock:
            self._required = position.and_after(self._required)

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
