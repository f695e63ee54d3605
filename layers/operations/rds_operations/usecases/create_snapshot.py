"""Makes one manual snapshot of the instance; asked twice for the same time, it makes one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rds_operations.domain.errors import AlreadyExistsError, RefusedError, RetryableError
from rds_operations.domain.snapshots import Ownership, Snapshot, SnapshotRequest, creation_tags, snapshot_identifier
from rds_operations.domain.times import utc_text
from rds_operations.ports.instances import InstanceDirectory
from rds_operations.ports.snapshots import SnapshotStore


class CreationStatus(StrEnum):
    """Whether this run made the snapshot."""

    CREATING = "creating"
    ALREADY_EXISTS = "already_exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCreation:
    """What became of one request."""

    snapshot_identifier: str
    db_instance_identifier: str
    status: CreationStatus
    created_at: datetime

    def as_response(self) -> dict[str, str]:
        """Return the function's response (contracts, create_snapshot)."""
        return {
            "snapshot_identifier": self.snapshot_identifier,
            "db_instance_identifier": self.db_instance_identifier,
            "status": self.status.value,
            "created_at": utc_text(self.created_at),
        }


def create_snapshot(
    request: SnapshotRequest, *, ownership: Ownership, prefix: str, directory: InstanceDirectory, store: SnapshotStore
) -> SnapshotCreation:
    """Start the snapshot that the request names, unless it exists.

    1. The snapshot exists, and is ours: nothing to do, in whatever state its own making has put the instance.
    2. A snapshot of that name exists that is not ours, or has failed: refused.
    3. The instance is not available: to be repeated later.
    4. It is started; one that another run has made in the meantime is judged as in 1 and 2.

    Raises:
        RetryableError: the instance is not available, or the quota of snapshots is full.
        RefusedError: the name is taken, or a call is not allowed.
        NotFoundError: there is no such instance.
    """
    identifier = snapshot_identifier(prefix, request.requested_at)
    existing = store.find(identifier)
    if existing:
        return _settled(existing, request, ownership)
    try:
        created = _started(identifier, request, ownership, directory, store)
    except AlreadyExistsError:
        return _settled_after_race(identifier, request, ownership, store)
    return _creation(created, CreationStatus.CREATING, request)


def _started(
    identifier: str,
    request: SnapshotRequest,
    ownership: Ownership,
    directory: InstanceDirectory,
    store: SnapshotStore,
) -> Snapshot:
    instance = directory.describe(ownership.db_instance_identifier)
    if not instance.is_available:
        raise RetryableError(
            f"snapshot {identifier} cannot be made now: {instance.identifier} is {instance.status}, not available"
        )
    tags = creation_tags(ownership, request, instance.tags, instance.resource_id)
    return store.create(identifier, ownership.db_instance_identifier, tags)


def _settled(existing: Snapshot, request: SnapshotRequest, ownership: Ownership) -> SnapshotCreation:
    if not existing.is_owned_by(ownership):
        raise RefusedError(
            f"a snapshot {existing.identifier} of {existing.instance_identifier} exists that was not made for "
            f"{ownership.project_name} {ownership.environment}: rename or delete it, or change the prefix"
        )
    if existing.has_failed:
        raise RefusedError(f"snapshot {existing.identifier} exists and has failed: delete it, then ask again")
    return _creation(existing, CreationStatus.ALREADY_EXISTS, request)


def _settled_after_race(
    identifier: str, request: SnapshotRequest, ownership: Ownership, store: SnapshotStore
) -> SnapshotCreation:
    existing = store.find(identifier)
    if existing is None:
        raise RetryableError(f"snapshot {identifier} was made and deleted by someone else at this moment")
    return _settled(existing, request, ownership)


def _creation(snapshot: Snapshot, status: CreationStatus, request: SnapshotRequest) -> SnapshotCreation:
    return SnapshotCreation(
        snapshot_identifier=snapshot.identifier,
        db_instance_identifier=snapshot.instance_identifier,
        status=status,
        created_at=snapshot.created_at or request.requested_at,
    )
