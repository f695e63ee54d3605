"""Waiting with a deadline: nothing here hangs."""

import time
from collections.abc import Callable

from deployment.errors import DeploymentError


def wait_for[Value](
    what: str, condition: Callable[[], Value | None], *, deadline_seconds: float, poll_seconds: float
) -> Value:
    """Return the first value of `condition` that is not None.

    Args:
        what: What is waited for, as it follows "waited for" in the error.
        condition: Asked at once and then again and again; its errors end the wait.
        deadline_seconds: How long to go on asking.
        poll_seconds: The pause between two questions.

    Raises:
        DeploymentError: the deadline passed.
    """
    ends_at = time.monotonic() + deadline_seconds
    while (value := condition()) is None:
        if time.monotonic() >= ends_at:
            raise DeploymentError(f"waited for {what}; it did not happen within {deadline_seconds:g} s")
        time.sleep(poll_seconds)
    return value
