"""What the use cases need to measure a database."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from rds_operations.domain.metric_memory import Memory


class QueryRunner(Protocol):
    """Runs read-only queries on one database node."""

    def rows(self, sql: str, timeout: timedelta) -> Sequence[Mapping[str, object]]:
        """Return the rows of one query as mappings of column name to value.

        Raises:
            QueryFailedError: the server refused the query, or its timeout passed; the next query can be asked.
            ConnectionLostError: the connection was lost, and there is a new one; the next query can be asked.
            RetryableError: the server cannot be reached.
            RefusedError: the connection was lost, and the server takes the login no more.
        """


class MetricsDatabase(Protocol):
    """A node of the database that can be asked."""

    def query_runner(self) -> AbstractContextManager[QueryRunner]:
        """Open a connection for the block.

        Raises:
            RetryableError: nobody answered in time, or the server takes no connections now.
            RefusedError: the login is refused, or the server's certificate is.
        """


class MetricsMemory(Protocol):
    """Keeps what one run knows for the next one, as long as it can; it begins empty."""

    def recall(self) -> Memory:
        """Return what was kept last."""

    def keep(self, memory: Memory) -> None:
        """Keep this instead."""
