"""Tells what happened: as a log record with keys, and as a count that a metric can read."""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

_LOGGER = logging.getLogger("langpont_db")


class Event(StrEnum):
    """What is worth telling; the value is the key of its count."""

    PRIMARY_LOST = "primary_lost"
    PRIMARY_BACK = "primary_back"
    FAILOVER_NOTICED = "failover_noticed"
    REPLICA_LEFT_OUT = "replica_left_out"
    REPLICA_BACK = "replica_back"
    SERVER_SILENT = "server_silent"
    MONITOR_ENDED = "monitor_ended"
    POOL_DROPPED = "pool_dropped"
    POOL_EXHAUSTED = "pool_exhausted"
    READ_REPEATED = "read_repeated"
    TRANSACTION_REPEATED = "transaction_repeated"
    RETRIES_EXHAUSTED = "retries_exhausted"
    OUTCOME_UNKNOWN = "outcome_unknown"
    UNREACHABLE_AT_START = "unreachable_at_start"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 (no secret)
    TOKEN_KEY_MISSING = "token_key_missing"  # noqa: S105 (no secret)
    TIMEOUTS_NOT_SET = "timeouts_not_set"
    CONTROL_FILE_HIDDEN = "control_file_hidden"


_PHRASES: Mapping[Event, tuple[int, str]] = {
    Event.PRIMARY_LOST: (logging.ERROR, "The primary was lost"),
    Event.PRIMARY_BACK: (logging.WARNING, "The primary answered again"),
    Event.FAILOVER_NOTICED: (logging.WARNING, "A failover was noticed"),
    Event.REPLICA_LEFT_OUT: (logging.WARNING, "A replica was left out"),
    Event.REPLICA_BACK: (logging.INFO, "A replica was taken back"),
    Event.SERVER_SILENT: (logging.ERROR, "A server answered no more and its connections were broken"),
    Event.MONITOR_ENDED: (logging.ERROR, "Nobody looks at the servers for a moment and reads go to the primary"),
    Event.POOL_DROPPED: (logging.WARNING, "A connection was lost and its pool dropped"),
    Event.POOL_EXHAUSTED: (logging.ERROR, "A pool was exhausted"),
    Event.READ_REPEATED: (logging.INFO, "A read was repeated elsewhere"),
    Event.TRANSACTION_REPEATED: (logging.INFO, "A transaction was repeated"),
    Event.RETRIES_EXHAUSTED: (logging.ERROR, "A transaction was given up"),
    Event.OUTCOME_UNKNOWN: (logging.ERROR, "A commit was lost under way"),
    Event.UNREACHABLE_AT_START: (logging.WARNING, "A server was not reachable at start"),
    # Whoever sends a made-up cookie decides how often: a count to watch, no line to wake up for.
    Event.TOKEN_REJECTED: (logging.INFO, "A token did not verify"),
    Event.TOKEN_KEY_MISSING: (logging.WARNING, "DATABASE_TOKEN_KEY was not set: tokens verify in this process alone"),
    Event.TIMEOUTS_NOT_SET: (logging.WARNING, "A pooler refused time limits and the role has none"),
    Event.CONTROL_FILE_HIDDEN: (logging.WARNING, "The role may not ask which database it is, or on which timeline"),
}


class Events:
    """Logs and counts; safe to use from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def record(self, event: Event, **keys: object) -> None:
        """Log an event with its keys, and count it.

        Args:
            event: What happened.
            keys: About what, why, how long; no secrets. They become attributes of the log record.
        """
        with self._lock:
            self._counts[event] += 1
        level, phrase = _PHRASES[event]
        _LOGGER.log(level, phrase, extra={"event": event.value, **keys})

    def forget_lock(self) -> None:
        """Replace the lock in a process that was forked, where nobody may be left to release it."""
        self._lock = threading.Lock()

    @property
    def counts(self) -> dict[str, int]:
        """How often each event happened since the start; none that never did."""
        with self._lock:
            return dict(self._counts)
