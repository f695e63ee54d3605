"""What the failure of another function means to the one that asked it.

Only our own errors are worded for people and hold no secret; the message of any other stays in that function's log.
"""

import re
from collections.abc import Mapping

from rds_operations.domain import errors
from rds_operations.domain.errors import ConfigurationError, OperationsError, RefusedError, RetryableError

LONGEST_MESSAGE = 2000
"""Characters of another function's error that are passed on."""

_OWN_ERRORS = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, OperationsError)
)
_KEPT: Mapping[str, type[OperationsError]] = {
    "RetryableError": RetryableError,
    "ConfigurationError": ConfigurationError,
}
_TYPE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
# Lambda's own words, with or without its own error type.
_TIMED_OUT = re.compile(r"Task timed out after [0-9.]+ seconds")


def remote_failure(function_name: str, answer: Mapping[str, object]) -> OperationsError:
    """Return the error that a failed invocation means.

    1. Our own error, by the name of its type: with its message; retryable and configuration errors stay what they are.
    2. The function ran out of time: retryable.
    3. Anything else: refused, with the type alone.

    Args:
        function_name: The function that failed.
        answer: What Lambda returned of it: `errorType` and `errorMessage`.
    """
    kind, message = str(answer.get("errorType", "")), str(answer.get("errorMessage", ""))
    if kind in _OWN_ERRORS:
        return _KEPT.get(kind, RefusedError)(f"{function_name} failed: {message[:LONGEST_MESSAGE]}")
    if timed_out := _TIMED_OUT.search(message):
        return RetryableError(f"{function_name} failed: {timed_out[0]}")
    named = kind if _TYPE_NAME.fullmatch(kind) else "an unknown error"
    return RefusedError(f"{function_name} failed with {named}: its log has the cause")


def counts_in(response: Mapping[str, object]) -> dict[str, str]:
    """Return what a function answered as counts: numbers as they are, lists and objects by their length, no texts."""
    counted = {name: _count(value) for name, value in response.items()}
    return {name: str(count) for name, count in counted.items() if count is not None}


def _count(value: object) -> int | float | None:
    if isinstance(value, list | dict):
        return len(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
