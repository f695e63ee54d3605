"""Waits for what was asked in parallel, until one deadline for all of it."""

from concurrent.futures import Future
from datetime import timedelta
from time import monotonic

from rds_operations.domain.errors import OperationsError


class Answers:
    """Waits for answers until a common deadline and notes what is missing.

    Args:
        limit: The time from now to the deadline.
    """

    def __init__(self, limit: timedelta) -> None:
        self._limit_seconds = limit.total_seconds()
        self._deadline = monotonic() + self._limit_seconds
        self.missing: list[str] = []

    def wait_for[T](self, future: Future[T], doing: str) -> T | None:
        """Return the answer, or None where it failed or did not come in time, which is noted in a sentence.

        Args:
            future: What was asked.
            doing: The question in words, e.g. `describing langpont-prod-db`.
        """
        try:
            return future.result(max(self._deadline - monotonic(), 0))
        except TimeoutError:
            self.missing.append(f"{doing} took longer than {self._limit_seconds:g} s")
        except OperationsError as error:
            self.missing.append(str(error))
        except Exception as error:  # noqa: BLE001 - whatever is wrong in here, the alert has to go out, and says so
            self.missing.append(f"{doing} failed unexpectedly ({type(error).__name__}: {error})")
        return None
