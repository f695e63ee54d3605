"""A directory of the DB instances it was given."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from rds_operations.domain.errors import NotFoundError, OperationsError
from rds_operations.domain.instances import DbInstance, HistoryEntry


def instance(identifier: str = "langpont-dev-db", status: str = "available", **tags: str) -> DbInstance:
    """Return an instance with what a test does not care about filled in."""
    arn = f"arn:aws:rds:ap-northeast-1:000000000000:db:{identifier}"
    return DbInstance(identifier, arn, f"db-{identifier.upper()}", status, multi_az=True, tags=tags)


class FakeInstanceDirectory:
    """Describes prepared instances; raises the prepared error for an identifier."""

    def __init__(
        self,
        *instances: DbInstance,
        history: Mapping[str, Iterable[HistoryEntry]] | None = None,
        failing: Mapping[str, OperationsError] | None = None,
    ) -> None:
        self._instances = {known.identifier: known for known in instances}
        self._history = {identifier: tuple(entries) for identifier, entries in (history or {}).items()}
        self._failing = dict(failing or {})
        self.asked: list[tuple[str, timedelta]] = []

    def describe(self, identifier: str) -> DbInstance:
        self._fail(identifier)
        if identifier not in self._instances:
            raise NotFoundError(f"there is no DB instance {identifier}")
        return self._instances[identifier]

    def history(self, identifier: str, looking_back: timedelta) -> tuple[HistoryEntry, ...]:
        """Return all prepared entries, however far back, and remember what was asked."""
        self._fail(identifier)
        self.asked.append((identifier, looking_back))
        return tuple(sorted(self._history.get(identifier, ()), key=lambda entry: entry.occurred_at))

    def _fail(self, identifier: str) -> None:
        if identifier in self._failing:
            raise self._failing[identifier]
