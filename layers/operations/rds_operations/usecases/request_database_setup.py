"""Has the database set up by the function that can reach it, and waits for the outcome."""

from dataclasses import dataclass
from datetime import timedelta

from rds_operations.domain.errors import RetryableError
from rds_operations.domain.invocations import counts_in
from rds_operations.ports.clock import Clock, Pause
from rds_operations.ports.functions import Functions

PAUSES = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=45))
"""Between the tries, of which there is one more: a database that has just become available may refuse for a moment."""


@dataclass(frozen=True, slots=True)
class DatabaseSetup:
    """What was done.

    Args:
        counts: What the set-up counted, by name.
        tries: How often it was asked for.
    """

    counts: dict[str, str]
    tries: int


def request_database_setup(
    set_up_function: str, *, functions: Functions, clock: Clock, pause: Pause, time_left: timedelta
) -> DatabaseSetup:
    """Invoke the set-up, and again while it fails in a way that may pass and there is time.

    Args:
        set_up_function: The function that sets the database up; asked twice, it does no harm.
        functions: Invokes it.
        clock: Tells when there is no time left.
        pause: Waits between two tries.
        time_left: For everything.

    Raises:
        RetryableError: it failed each time in a way that may pass.
        OperationsError: it failed otherwise, or could not be asked.
    """
    deadline = clock.now() + time_left
    pauses = list(PAUSES)
    while True:
        tries = len(PAUSES) - len(pauses) + 1
        try:
            return DatabaseSetup(counts_in(functions.invoke(set_up_function, {})), tries)
        except RetryableError as error:
            if not pauses or clock.now() + pauses[0] >= deadline:
                raise RetryableError(f"{error} (tries: {tries})") from error
        pause.wait(pauses.pop(0))
