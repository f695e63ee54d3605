"""Snapshots in memory, with RDS's manners: a new one is being created and has no creation time."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rds_operations.domain.errors import AlreadyExistsError, NotFoundError, OperationsError, RetryableError
from rds_operations.domain.snapshots import Snapshot

EVERYTHING = "*"


class FakeSnapshotStore:
    """Keeps snapshots of the instances it knows; raises the prepared error for a snapshot's identifier.

    The error prepared for `EVERYTHING` is that of a listing of all snapshots.

    A snapshot in `made_by_others` appears between a caller's look and its creation, as that of a concurrent run would.
    """

    def __init__(
        self,
        *snapshots: Snapshot,
        instances: Iterable[str] = ("langpont-dev-db",),
        quota: int = 100,
        failing: Mapping[str, OperationsError] | None = None,
        made_by_others: Iterable[Snapshot] = (),
    ) -> None:
        self._snapshots = {snapshot.identifier: snapshot for snapshot in snapshots}
        self._instances = frozenset(instances)
        self._quota = quota
        self._failing = dict(failing or {})
        self._made_by_others = tuple(made_by_others)
        self.deletions_tried: list[str] = []

    @property
    def identifiers(self) -> list[str]:
        return sorted(self._snapshots)

    def list_manual(self, instance_identifier: str) -> tuple[Snapshot, ...]:
        return tuple(kept for kept in self._snapshots.values() if kept.instance_identifier == instance_identifier)

    def list_all_manual(self) -> tuple[Snapshot, ...]:
        self._fail(EVERYTHING)
        return tuple(self._snapshots.values())

    def add_tags(self, identifier: str, tags: Mapping[str, str]) -> None:
        self._fail(identifier)
        if identifier not in self._snapshots:
            raise NotFoundError(f"there is no DB snapshot {identifier}")
        snapshot = self._snapshots[identifier]
        self._snapshots[identifier] = replace(snapshot, tags={**snapshot.tags, **tags})

    def create(self, identifier: str, instance_identifier: str, tags: Mapping[str, str]) -> Snapshot:
        self._fail(identifier)
        self._snapshots |= {other.identifier: other for other in self._made_by_others}
        if instance_identifier not in self._instances:
            raise NotFoundError(f"there is no DB instance {instance_identifier}")
        if identifier in self._snapshots:
            raise AlreadyExistsError(f"snapshot {identifier} exists")
        if len(self._snapshots) >= self._quota:
            raise RetryableError(f"the quota of {self._quota} manual DB snapshots is full")
        snapshot = Snapshot(identifier, instance_identifier, "creating", None, dict(tags))
        self._snapshots[identifier] = snapshot
        return snapshot

    def find(self, identifier: str) -> Snapshot | None:
        return self._snapshots.get(identifier)

    def delete(self, identifier: str) -> None:
        self.deletions_tried.append(identifier)
        self._fail(identifier)
        self._snapshots.pop(identifier, None)

    def _fail(self, identifier: str) -> None:
        if identifier in self._failing:
            raise self._failing[identifier]
