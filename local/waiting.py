"""Waiting with a deadline, in words: no start or stop in `local/` hangs, and none sleeps for luck."""

import time
from collections.abc import Callable

from local.errors import LocalError


def wait_until[Value](
    what: str, condition: Callable[[], Value], *, deadline_seconds: float, poll_seconds: float = 0.05
) -> Value:
    """Return the first truthy value of `condition`.

    Args:
        what: What is waited for, as it follows "waited for" in the error.
        condition: Asked at once and then again and again; its errors end the wait.
        deadline_seconds: How long to go on asking.
        poll_seconds: The pause between two questions.

    Raises:
        LocalError: the deadline passed; the message names `what` and the deadline.
    """
    value = last_value(condition, deadline_seconds=deadline_seconds, poll_seconds=poll_seconds)
    if not value:
        raise LocalError(f"waited for {what}; it did not happen within {deadline_seconds:g} s")
    return value


def last_value[Value](condition: Callable[[], Value], *, deadline_seconds: float, poll_seconds: float = 0.05) -> Value:
    """Return the first truthy value of `condition`, or the falsy one it has at the deadline."""
    ends_at = time.monotonic() + deadline_seconds
    while True:
        value = condition()
        if value or time.monotonic() >= ends_at:
            return value
        time.sleep(poll_seconds)
