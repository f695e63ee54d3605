"""Remembers what a transaction that may be done again has committed already, by whatever session."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from langpont_db.errors import TransactionOutcomeUnknown
from langpont_db.failures import FAILURES, is_safe_to_repeat, words_of

COMMITTED: Final = "was committed"
IN_DOUBT: Final = "may have been committed"


@dataclass(slots=True)
class _Attempt:
    """One attempt of `run_in_transaction`.

    Args:
        outer: The one in whose work it is made.
        part: What became of a part of the work; empty while nothing was committed.
    """

    outer: "_Attempt | None"
    part: str = ""


_CURRENT: ContextVar[_Attempt | None] = ContextVar("langpont_db.attempt", default=None)


def note_part(what: str) -> None:
    """Remember that a part of the work under way, and of all that it is a part of, is done for good.

    Args:
        what: `COMMITTED` or `IN_DOUBT`.
    """
    attempt = _CURRENT.get()
    while attempt is not None:
        attempt.part = attempt.part or what
        attempt = attempt.outer


@contextmanager
def never_twice() -> Iterator[None]:
    """Let nothing be done again of which a part was committed: explicitly, by itself, or in another session.

    Raises:
        TransactionOutcomeUnknown: what failed could be done again, but for the part that is committed.
    """
    attempt = _Attempt(_CURRENT.get())
    token = _CURRENT.set(attempt)
    try:
        yield
    except FAILURES as error:
        if attempt.part and is_safe_to_repeat(error):
            raise TransactionOutcomeUnknown(
                f"a part of the work {attempt.part}, and what followed was not: {words_of(error)}"
            ) from error
        raise
    finally:
        _CURRENT.reset(token)
