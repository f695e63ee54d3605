"""Asks about an instance with a common time limit, so that no alert waits for a slow API.

A call that is still running at the limit is left to its own thread, which the client's short timeouts end.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_instances import RdsInstanceDirectory
from rds_operations.domain.errors import OperationsError
from rds_operations.domain.findings import Findings
from rds_operations.ports import InstanceDirectory

ALERT_WAITS = timedelta(seconds=5)
"""The longest that an alert waits for enrichment (contracts, Alert)."""

_WORKERS = 4


def rds_enrichment() -> "BoundedEnrichment":
    """Return the enrichment that asks RDS; an abandoned call ends by itself after about as long as an alert waits."""
    client = rds_client(connect_timeout_seconds=1, read_timeout_seconds=2, attempts=2)
    return BoundedEnrichment(RdsInstanceDirectory(client))


class BoundedEnrichment:
    """Asks a directory, everything at once, and returns with what was answered in time.

    Args:
        directory: Whom to ask; it has to bear calls from several threads, as boto3's clients do.
        limit: The longest that one `gather` takes.
    """

    def __init__(self, directory: InstanceDirectory, limit: timedelta = ALERT_WAITS) -> None:
        self._directory = directory
        self._limit = limit

    def gather(self, identifier: str, looking_back: timedelta) -> Findings:
        """Return the instance, its history and its replicas, as far as they were told in time."""
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="enrichment")
        answers = _Answers(self._limit)
        try:
            described = pool.submit(self._directory.describe, identifier)
            told = pool.submit(self._directory.history, identifier, looking_back)
            instance = answers.wait_for(described, f"describing {identifier}")
            history = answers.wait_for(told, f"reading the events of {identifier}")
            replicas = self._replicas(pool, answers, instance.replica_identifiers if instance else ())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return Findings(instance, history, replicas, tuple(answers.missing))

    def _replicas(self, pool: ThreadPoolExecutor, answers: "_Answers", identifiers: Iterable[str]) -> dict[str, str]:
        asked = {identifier: pool.submit(self._directory.describe, identifier) for identifier in identifiers}
        replicas = {
            identifier: answers.wait_for(future, f"describing {identifier}") for identifier, future in asked.items()
        }
        return {identifier: replica.status if replica else "unknown" for identifier, replica in replicas.items()}


class _Answers:
    """Waits for answers until a common deadline and notes what is missing."""

    def __init__(self, limit: timedelta) -> None:
        self._limit_seconds = limit.total_seconds()
        self._deadline = monotonic() + self._limit_seconds
        self.missing: list[str] = []

    def wait_for[T](self, future: Future[T], doing: str) -> T | None:
        try:
            return future.result(max(self._deadline - monotonic(), 0))
        except TimeoutError:
            self.missing.append(f"{doing} took longer than {self._limit_seconds:g} s")
        except OperationsError as error:
            self.missing.append(str(error))
        return None
