"""One process at a time: a file's lock, which ends with the process that holds it, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from local.errors import LocalError
from local.waiting import last_value


@contextmanager
def exclusive(path: Path, busy: str, *, deadline_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock of a file for as long as the `with` lasts.

    Args:
        path: The file; it stays.
        busy: What to say where another process holds it.
        deadline_seconds: How long to wait for it.

    Raises:
        LocalError: another process held it all the time, or the file cannot be written.
    """
    with _opened(path) as lock:

        def is_locked() -> bool:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if not last_value(is_locked, deadline_seconds=deadline_seconds):
            raise LocalError(busy)
        yield


def _opened(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", encoding="ascii")
    except OSError as error:
        raise LocalError(f"cannot work in {path.parent}: {error.strerror}") from error
