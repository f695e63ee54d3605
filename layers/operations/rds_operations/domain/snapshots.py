"""Manual snapshots: whose they are, how they are named and tagged, and what makes one a backup."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rds_operations.domain.retention_tags import RETENTION_TAGS
from rds_operations.domain.tags import merged_tags
from rds_operations.domain.times import utc_text

MANAGED_BY = "langpont-rds"


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who a snapshot belongs to: this kit, deployed for this project, environment and instance.

    Args:
        project_name: The deployment's project.
        environment: dev, staging or prod.
        db_instance_identifier: The instance that snapshots are taken of.
    """

    project_name: str
    environment: str
    db_instance_identifier: str

    def tags(self) -> dict[str, str]:
        """Return the tags that mark a snapshot as owned; the delete permission in the template requires them."""
        return {
            "managed-by": MANAGED_BY,
            "project": self.project_name,
            "environment": self.environment,
            "source-instance": self.db_instance_identifier,
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One manual DB snapshot as RDS lists it.

    Args:
        identifier: Its name.
        instance_identifier: The instance it was taken of.
        status: RDS's word; only an `available` one is a backup.
        created_at: When it was taken; None while RDS is still creating it.
        tags: Its tags, which RDS lists inline (no call per snapshot).
    """

    identifier: str
    instance_identifier: str
    status: str
    created_at: datetime | None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_available(self) -> bool:
        """Whether the snapshot can be restored."""
        return self.status == "available"

    def is_owned_by(self, ownership: Ownership) -> bool:
        """Return whether this deployment made the snapshot of its own instance."""
        return self.instance_identifier == ownership.db_instance_identifier and all(
            self.tags.get(key) == value for key, value in ownership.tags().items()
        )


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """A wish for one snapshot.

    Args:
        requested_at: The scheduled time, or now; it names the snapshot, so a repeat asks for the same one.
        reason: Why, in words that a tag can hold, e.g. `scheduled` or `pre-deploy`.
    """

    requested_at: datetime
    reason: str


def snapshot_identifier(prefix: str, at: datetime) -> str:
    """Return `<prefix>-YYYYMMDD-HHMMSS` in UTC.

    Args:
        prefix: Lower-case letters, digits and single hyphens, beginning with a letter.
        at: A time that knows its zone.
    """
    return f"{prefix}-{at.astimezone(UTC):%Y%m%d-%H%M%S}"


def creation_tags(ownership: Ownership, request: SnapshotRequest, instance_tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a new snapshot: the owner's, time and reason, over the instance's own.

    Tags given on creation switch off RDS's copying of the instance's tags, `CopyTagsToSnapshot` or not (RDS User
    Guide, "Copying tags to DB snapshots"), so they are merged here. `hold` and `retain-until` are a person's word about
    one snapshot: inherited from the instance they would keep every snapshot for ever.
    """
    inherited = {key: value for key, value in instance_tags.items() if key.strip().lower() not in RETENTION_TAGS}
    own = {**ownership.tags(), "created-at": utc_text(request.requested_at), "reason": request.reason}
    return merged_tags(own, inherited)
