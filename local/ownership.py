"""What another user started is theirs: one line says so, whatever the system's own complaint looks like."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from local.errors import LocalError


@contextmanager
def owned_by_this_user(what: str) -> Iterator[None]:
    """Turn a refusal of the system into a LocalError that says what to do.

    Args:
        what: What is looked at or acted upon, e.g. `the process writer`.

    Raises:
        LocalError: the system refused.
    """
    try:
        yield
    except (PermissionError, psutil.AccessDenied) as error:
        raise LocalError(
            f"{what} belongs to another user ({error}): run this as the user who started the environment"
        ) from error
