"""What the use cases need to find out what a server runs."""

from collections.abc import Collection, Mapping
from typing import Protocol

from rds_operations.domain.server_facts import Fact


class ServerInspector(Protocol):
    """Finds out what a server runs."""

    def facts(self, names: Collection[str]) -> Mapping[str, Fact]:
        """Return what the server shows of each name; what it does not know is left out.

        Raises:
            RefusedError: the server refused to say.
            RetryableError: the connection was lost.
        """
