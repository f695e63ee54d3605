"""Asks about an instance with a common time limit, so that no alert waits for a slow API.

A call that is still running at the limit is left to its own thread, which the client's short timeouts end.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from rds_operations.adapters.answers import Answers
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_instances import RdsInstanceDirectory
from rds_operations.domain.findings import Findings
from rds_operations.ports.instances import InstanceDirectory

ALERT_WAITS = timedelta(seconds=5)
"""The longest that an alert waits for enrichment (contracts, Alert)."""

URGENT_ALERT_WAITS = timedelta(seconds=1)
"""The longest that the alert of a failover's start waits to know whether it is a drill."""

_WORKERS = 4

type Note = Callable[[str], None]


def _say_nothing(_: str) -> None:
    return


def rds_enrichment(note: Note) -> "BoundedEnrichment":
    """Return the enrichment that asks RDS.

    An abandoned call ends by itself after 7 s at most: two attempts of 1 s to connect and 2 s to answer, 1 s between.
    """
    client = rds_client(connect_timeout_seconds=1, read_timeout_seconds=2, attempts=2)
    return BoundedEnrichment(RdsInstanceDirectory(client), note=note)


class BoundedEnrichment:
    """Asks a directory, everything at once, and returns with what was answered in time.

    Args:
        directory: Whom to ask; it has to bear calls from several threads, as boto3's clients do.
        limit: The longest that one `gather` takes.
        note: Told each thing that is missing, in a sentence: the alert survives it, and it must not go unnoticed.
    """

    def __init__(
        self, directory: InstanceDirectory, limit: timedelta = ALERT_WAITS, *, note: Note = _say_nothing
    ) -> None:
        self._directory = directory
        self._note = note
        self._limit = limit

    def describe(self, identifier: str) -> Findings:
        """Return the instance alone, if it was told in a second."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="enrichment")
        answers = Answers(min(self._limit, URGENT_ALERT_WAITS))
        described = pool.submit(self._directory.describe, identifier)
        pool.shutdown(wait=False)
        instance = answers.wait_for(described, f"describing {identifier}")
        for sentence in answers.missing:
            self._note(sentence)
        return Findings(instance, unavailable=tuple(answers.missing))

    def gather(self, identifier: str, looking_back: timedelta, primary: str | None = None) -> Findings:
        """Return the instance, its history, its replicas and the primary, as far as they were told in time."""
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="enrichment")
        answers = Answers(self._limit)
        try:
            described = pool.submit(self._directory.describe, identifier)
            told = pool.submit(self._directory.history, identifier, looking_back)
            asked = pool.submit(self._directory.describe, primary) if primary else None
            instance = answers.wait_for(described, f"describing {identifier}")
            history = answers.wait_for(told, f"reading the events of {identifier}")
            replicas = self._replicas(pool, answers, instance.replica_identifiers if instance else ())
            possible_primary = answers.wait_for(asked, f"describing {primary}") if asked else None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        for sentence in answers.missing:
            self._note(sentence)
        return Findings(instance, history, replicas, possible_primary, tuple(answers.missing))

    def _replicas(self, pool: ThreadPoolExecutor, answers: Answers, identifiers: Iterable[str]) -> dict[str, str]:
        asked = {identifier: pool.submit(self._directory.describe, identifier) for identifier in identifiers}
        replicas = {
            identifier: answers.wait_for(future, f"describing {identifier}") for identifier, future in asked.items()
        }
        return {identifier: replica.status if replica else "unknown" for identifier, replica in replicas.items()}
