"""Manual snapshots: whose they are, how they are named and tagged, and what makes one a backup."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from rds_operations.domain.retention_tags import RETENTION_TAGS
from rds_operations.domain.tags import merged_tags
from rds_operations.domain.times import utc_text

MANAGED_BY = "langpont-rds"
KIT_VERSION = "0.1.0"

_CREATED_AT, _TIER = "created-at", "tier"
_FAILED = "failed"


class Tier(StrEnum):
    """What a snapshot was made for, and so how long it stays."""

    SCHEDULED = "scheduled"
    ON_DEMAND = "on-demand"


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
    _tags: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tags = {
            "managed-by": MANAGED_BY,
            "project": self.project_name,
            "environment": self.environment,
            "source-instance": self.db_instance_identifier,
        }
        object.__setattr__(self, "_tags", tags)

    def tags(self) -> dict[str, str]:
        """Return the tags that mark a snapshot as owned; the delete permission in the template requires them."""
        return dict(self._tags)

    def marks(self, snapshot: "Snapshot") -> bool:
        """Return whether a snapshot is of this instance and says so, and who made it, in its tags."""
        is_of_it = snapshot.instance_identifier == self.db_instance_identifier
        return is_of_it and self._tags.items() <= snapshot.tags.items()

    @property
    def stack(self) -> str:
        """The deployment's name, for people who look at a snapshot's tags."""
        return f"{self.project_name}-{self.environment}"


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

    @property
    def is_good(self) -> bool:
        """Whether the snapshot can be restored, and its age is known."""
        return self.status == "available" and self.created_at is not None

    @property
    def has_failed(self) -> bool:
        """Whether the snapshot never became a backup, and never will."""
        return self.status == _FAILED

    @property
    def tier(self) -> Tier:
        """What it was made for; one that does not say, or not in our words, counts as the schedule's."""
        return Tier.ON_DEMAND if self.tags.get(_TIER) == Tier.ON_DEMAND else Tier.SCHEDULED

    @property
    def begun_at(self) -> datetime | None:
        """When it was begun: RDS's time, or where RDS gives none, the one that its maker noted on it."""
        if self.created_at is not None:
            return self.created_at
        try:
            noted = datetime.fromisoformat(self.tags.get(_CREATED_AT, ""))
        except ValueError:
            return None
        return noted if noted.tzinfo else noted.replace(tzinfo=UTC)

    def is_owned_by(self, ownership: Ownership) -> bool:
        """Return whether this deployment made the snapshot of its own instance."""
        return ownership.marks(self)


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """A wish for one snapshot.

    Args:
        requested_at: The scheduled time, or now; it names the snapshot, so a repeat asks for the same one.
        reason: Why, in words that a tag can hold, e.g. `scheduled` or `pre-deploy`.
        tier: What it is made for, which decides how long it stays.
        asked_at: When it is really asked for, where that is not `requested_at`: a dead letter that is tried again after
            a day has yesterday's scheduled time, and is no snapshot that has been under way for a day.
    """

    requested_at: datetime
    reason: str
    tier: Tier = Tier.SCHEDULED
    asked_at: datetime | None = None


def snapshot_identifier(prefix: str, at: datetime) -> str:
    """Return `<prefix>-YYYYMMDD-HHMMSS` in UTC.

    Args:
        prefix: Lower-case letters, digits and single hyphens, beginning with a letter.
        at: A time that knows its zone.
    """
    return f"{prefix}-{at.astimezone(UTC):%Y%m%d-%H%M%S}"


def creation_tags(
    ownership: Ownership, request: SnapshotRequest, instance_tags: Mapping[str, str], resource_id: str = ""
) -> dict[str, str]:
    """Return the tags of a new snapshot: whose, of what, when, why and by which version, over the instance's own.

    Tags given on creation switch off RDS's copying of the instance's tags, `CopyTagsToSnapshot` or not (RDS User
    Guide, "Copying tags to DB snapshots"), so they are merged here. `hold` and `retain-until` are a person's word about
    one snapshot: inherited from the instance they would keep every snapshot for ever.

    Args:
        ownership: Whose snapshot it is.
        request: When, why and for what it is made.
        instance_tags: The instance's tags.
        resource_id: The instance's `DbiResourceId`, which tells a new instance from an older one of the same name.
    """
    inherited = {key: value for key, value in instance_tags.items() if key.strip().lower() not in RETENTION_TAGS}
    own = {
        **ownership.tags(),
        "stack": ownership.stack,
        **({"source-resource-id": resource_id} if resource_id else {}),
        _CREATED_AT: utc_text(request.asked_at or request.requested_at),
        _TIER: request.tier.value,
        "reason": request.reason,
        "kit-version": KIT_VERSION,
    }
    return merged_tags(own, inherited)
