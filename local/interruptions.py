"""Being told to end: Ctrl-C, a closed terminal and `kill` are one thing, and what is undone is not disturbed again."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_on_signals() -> None:
    """Turn every request to end into KeyboardInterrupt."""
    for request in _SIGNALS:
        signal.signal(request, _interrupt)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore further requests to end while something is undone."""
    before = {request: signal.signal(request, signal.SIG_IGN) for request in _SIGNALS}
    try:
        yield
    finally:
        for request, handler in before.items():
            signal.signal(request, handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
