"""What the use cases need of DB instances."""

from datetime import timedelta
from typing import Protocol

from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import DbInstance, HistoryEntry


class InstanceDirectory(Protocol):
    """Describes DB instances."""

    def describe(self, identifier: str) -> DbInstance:
        """Return the instance.

        Raises:
            NotFoundError: there is no such instance.
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """

    def history(self, identifier: str, looking_back: timedelta) -> tuple[HistoryEntry, ...]:
        """Return the instance's events of the last `looking_back`, oldest first; errors as `describe`."""


class Enrichment(Protocol):
    """Finds out about an instance, in the little time that an alert can wait."""

    def describe(self, identifier: str) -> Findings:
        """Return the instance alone, as `gather` does, in a second: of what cannot wait at all."""

    def gather(self, identifier: str, looking_back: timedelta, primary: str | None = None) -> Findings:
        """Return what could be found out in time: the instance, its events of the last `looking_back`, its replicas.

        What fails or takes too long is named in the findings and never raised: an alert goes out in any case.

        Args:
            identifier: The instance.
            looking_back: How far its events reach back.
            primary: An instance to describe in the same time, because the first may be a replica of it.
        """
