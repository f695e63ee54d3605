"""Does a transaction again when nothing of it was committed: how often, after how long, until when."""

import time
from collections.abc import Callable
from typing import Any, NoReturn

from tenacity import RetryCallState, retry_if_exception, wait_exponential_jitter

from langpont_db.errors import RetriesExhaustedError
from langpont_db.events import Event, Events
from langpont_db.failures import is_safe_to_repeat, words_of

# The first pause is shorter than a deadlock's cause lasts; the longest is a share of the shortest failover there is.
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.2
_JITTER_SECONDS = 0.03


class Repetition[Outcome]:
    """What is left to do after an attempt that failed: tenacity's options, and its attempts.

    The first attempt is made without tenacity, which takes as long as a fifth of a round trip, and nearly every
    transaction needs no second one.

    Args:
        attempt: Does it all once.
        deadline_seconds: No attempt begins later than this after the first.
        events: Where to tell.
    """

    def __init__(self, attempt: Callable[[], Outcome], deadline_seconds: float, events: Events) -> None:
        self._attempt = attempt
        self._deadline_seconds = deadline_seconds
        self._events = events
        self._began_at = time.monotonic()
        self._first_error: BaseException | None = None

    def after(self, error: BaseException) -> dict[str, Any]:
        """Return the options of tenacity's `Retrying` and `AsyncRetrying`.

        Args:
            error: What the first attempt failed with.
        """
        self._first_error = error
        return {
            "retry": retry_if_exception(is_safe_to_repeat),
            "stop": lambda state: self._elapsed_seconds() + state.upcoming_sleep >= self._deadline_seconds,
            "wait": wait_exponential_jitter(
                multiplier=_FIRST_PAUSE_SECONDS, max=_LONGEST_PAUSE_SECONDS, jitter=_JITTER_SECONDS
            ),
            "before_sleep": self._tell,
            "retry_error_callback": self._give_up,
        }

    def __call__(self) -> Outcome:
        """Fail as the first attempt did, then make further ones."""
        error, self._first_error = self._first_error, None
        if error is not None:
            raise error
        return self._attempt()

    def _tell(self, state: RetryCallState) -> None:
        self._events.record(Event.TRANSACTION_REPEATED, attempt=state.attempt_number, error=words_of(_error(state)))

    def _give_up(self, state: RetryCallState) -> NoReturn:
        error = _error(state)
        self._events.record(Event.RETRIES_EXHAUSTED, attempts=state.attempt_number, error=words_of(error))
        raise RetriesExhaustedError(
            f"gave up after {state.attempt_number} attempts in {self._elapsed_seconds():.1f} s: {words_of(error)}"
        ) from error

    def _elapsed_seconds(self) -> float:
        return time.monotonic() - self._began_at


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
