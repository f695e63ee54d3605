"""What the use cases need of the engines that instances run."""

from typing import Protocol

from rds_operations.domain.engine_versions import RunningEngine


class Engines(Protocol):
    """Tells what DB instances run."""

    def running(self, identifier: str) -> RunningEngine | None:
        """Return what the instance runs, or None where there is no such instance.

        Raises:
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed, or the instance runs something else than PostgreSQL.
        """
