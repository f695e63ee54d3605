"""Second looks that are remembered and never taken by themselves."""

from collections.abc import Mapping
from datetime import datetime

from rds_operations.domain.errors import OperationsError


class FakeFollowUps:
    """Keeps what it was given by name, the first of each name; raises the prepared error instead."""

    def __init__(self, error: OperationsError | None = None) -> None:
        self._error = error
        self.remembered: dict[str, tuple[datetime, Mapping[str, object]]] = {}

    def remember(self, name: str, due_at: datetime, event: Mapping[str, object]) -> None:
        if self._error:
            raise self._error
        self.remembered.setdefault(name, (due_at, event))
