"""What the use cases need to find out whether a server answers."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from rds_operations.domain.probes import ReplicaProgress


class ProbedServer(Protocol):
    """A server that was reached, and is asked with little patience."""

    @property
    def server_version(self) -> str:
        """PostgreSQL's version, e.g. `16.14`."""

    @property
    def in_recovery(self) -> bool:
        """Whether the server follows another."""

    def write(self) -> None:
        """Commit something that leaves no trace in the database.

        Raises:
            RefusedError: the server takes no writes.
            RetryableError: there was no answer in time, or the connection was lost.
        """

    def write_row(self, run: int, sequence: int) -> None:
        """Commit one row of a drill; errors as `write`. After a lost connection it may be there or not."""

    def row_numbers(self, run: int) -> Sequence[int]:
        """Return the sequence numbers of the rows of a drill that are there; errors as `write`."""

    def forget_rows(self, run: int) -> None:
        """Remove the rows of a drill, and those that earlier ones left; errors as `write`."""

    def replicas(self) -> Sequence[ReplicaProgress]:
        """Return who follows the server, and how far behind; errors as `write`."""


class DatabaseProbe(Protocol):
    """Reaches a server, or not."""

    def reach(self) -> AbstractContextManager[ProbedServer]:
        """Open a connection for the block.

        Raises:
            RefusedError: the login is refused, or the server's certificate is.
            RetryableError: nobody answered in time, or the server takes no connections now.
        """
