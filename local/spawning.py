"""Starts a process that holds nothing of the caller's, and cannot live on if the caller dies before recording it."""

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

# The child waits for a line on its standard input. A parent that is killed before the record is written closes the
# pipe, and the child ends instead of living on unrecorded.
_WAIT_FOR_GO = 'read -r go && exec "$@" </dev/null'
_RESET_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ)


def spawn_waiting(command: Sequence[str], environment: Mapping[str, str], log: Path) -> tuple[int, int]:
    """Return the pid of a new process in its own session that waits for a line, and the descriptor to write it to.

    Args:
        command: What it becomes when the line has come.
        environment: Its whole environment.
        log: The file that gets its output.
    """
    waits_on, go = os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, waits_on, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
        *((os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in _inheritable_descriptors()),
    ]
    arguments = ["sh", "-c", _WAIT_FOR_GO, "sh", *command]
    try:
        pid = os.posix_spawn(
            "/bin/sh", arguments, environment, file_actions=actions, setsid=True, setsigdef=_RESET_SIGNALS
        )
    except OSError:
        os.close(go)
        raise
    finally:
        os.close(waits_on)
    return pid, go


def _inheritable_descriptors() -> list[int]:
    """Return what would be passed on beside the standard three, e.g. a pipe that somebody reads to its end."""
    descriptors = [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    return [each for each in descriptors if each > 2 and _is_inheritable(each)]  # noqa: PLR2004 -- 2 is standard error


def _is_inheritable(descriptor: int) -> bool:
    try:
        return os.get_inheritable(descriptor)
    except OSError:  # the one that listed the others
        return False
