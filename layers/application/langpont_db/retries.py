"""Does a transaction again when nothing of it was committed: how often, after how long, until when."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from sqlalchemy.exc import DBAPIError
from tenacity import RetryCallState, retry_if_exception, stop_after_delay, wait_exponential_jitter

from langpont_db.errors import RetriesExhaustedError, TransactionOutcomeUnknown, TransientError
from langpont_db.events import Event, Events
from langpont_db.failures import is_safe_to_repeat, words_of
from langpont_db.sessions import WriteSession

# The first pause is shorter than a deadlock's cause lasts; the longest is a share of the shortest failover there is.
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.2
_JITTER_SECONDS = 0.03


def retrying_options(deadline_seconds: float, events: Events) -> dict[str, Any]:
    """Return the options of tenacity's `Retrying` and `AsyncRetrying`.

    Args:
        deadline_seconds: No attempt begins later than this after the first.
        events: Where to tell.
    """
    return {
        "retry": retry_if_exception(is_safe_to_repeat),
        "stop": stop_after_delay(deadline_seconds),
        "wait": wait_exponential_jitter(
            multiplier=_FIRST_PAUSE_SECONDS, max=_LONGEST_PAUSE_SECONDS, jitter=_JITTER_SECONDS
        ),
        "before_sleep": _teller(events),
        "retry_error_callback": _giver_up(events),
    }


@contextmanager
def never_twice(session: WriteSession) -> Iterator[None]:
    """Let nothing be done again of which a part was committed, by an explicit commit for example.

    Args:
        session: What the work is done in.

    Raises:
        TransactionOutcomeUnknown: what failed could be done again, but for the part that is committed.
    """
    try:
        yield
    except (TransientError, DBAPIError) as error:
        if session.has_committed and is_safe_to_repeat(error):
            raise TransactionOutcomeUnknown(
                f"a part of the work was committed, and what followed was not: {words_of(error)}"
            ) from error
        raise


def _teller(events: Events) -> Callable[[RetryCallState], None]:
    def tell(state: RetryCallState) -> None:
        events.record(Event.TRANSACTION_REPEATED, attempt=state.attempt_number, error=words_of(_error(state)))

    return tell


def _giver_up(events: Events) -> Callable[[RetryCallState], NoReturn]:
    def give_up(state: RetryCallState) -> NoReturn:
        error, seconds = _error(state), state.seconds_since_start or 0.0
        events.record(Event.RETRIES_EXHAUSTED, attempts=state.attempt_number, error=words_of(error))
        raise RetriesExhaustedError(
            f"gave up after {state.attempt_number} attempts in {seconds:.1f} s: {words_of(error)}"
        ) from error

    return give_up


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
