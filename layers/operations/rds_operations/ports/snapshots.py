"""What the use cases need of snapshots."""

from collections.abc import Mapping
from typing import Protocol

from rds_operations.domain.snapshots import Snapshot


class SnapshotStore(Protocol):
    """Lists, makes and deletes manual snapshots of one instance."""

    def list_manual(self, instance_identifier: str) -> tuple[Snapshot, ...]:
        """Return all manual snapshots of the instance, in one call per hundred."""

    def create(self, identifier: str, instance_identifier: str, tags: Mapping[str, str]) -> Snapshot:
        """Start a snapshot and return it as RDS answered.

        Raises:
            AlreadyExistsError: a snapshot of that identifier exists.
            NotFoundError: there is no such instance.
            RetryableError: the instance is in a state that forbids snapshots now, or the quota is full.
        """

    def find(self, identifier: str) -> Snapshot | None:
        """Return the snapshot of that identifier, or None."""

    def delete(self, identifier: str) -> None:
        """Delete the snapshot; one that is gone already counts as deleted.

        Raises:
            RetryableError: throttled, or the snapshot is in a state that forbids deletion now.
            RefusedError: the call is not allowed.
        """


class SnapshotCatalog(SnapshotStore, Protocol):
    """A store that sees every manual snapshot of the account in the region, and notes on one what was done."""

    def list_all_manual(self) -> tuple[Snapshot, ...]:
        """Return all manual snapshots of the account in the region, in one call per hundred."""

    def add_tags(self, identifier: str, tags: Mapping[str, str]) -> None:
        """Add tags to a snapshot, replacing those of the same keys.

        Raises:
            NotFoundError: there is no such snapshot.
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """
