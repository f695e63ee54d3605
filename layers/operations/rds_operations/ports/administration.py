"""What the use cases need to set a database up."""

from collections.abc import Sequence
from typing import Protocol

from rds_operations.domain.database_objects import DatabaseState
from rds_operations.domain.setup_changes import Change


class DatabaseAdministration(Protocol):
    """A database, changed by its master user."""

    def state(self) -> DatabaseState:
        """Return the database as it is.

        Raises:
            RefusedError: the server refused to say.
            RetryableError: the connection was lost.
        """

    def apply(self, changes: Sequence[Change]) -> None:
        """Make all of the changes or, where one is refused, none.

        Raises:
            RefusedError: the server refused a change; the next can be tried.
            RetryableError: the connection was lost.
        """
