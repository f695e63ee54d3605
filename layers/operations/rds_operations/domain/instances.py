"""What the kit knows of a DB instance and of its recent history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DbInstance:
    """One DB instance as RDS describes it.

    Args:
        identifier: The instance's identifier, e.g. `langpont-prod-db`.
        arn: Its Amazon resource name.
        resource_id: `DbiResourceId`: survives a rename, changes with a restore.
        status: RDS's word, `available` when it takes connections.
        multi_az: Whether a standby exists in another zone.
        availability_zone: The primary's zone; RDS shows a move only minutes after a failover. None while creating.
        secondary_availability_zone: The standby's zone, where there is one.
        latest_restorable_time: The latest point in time that can be restored; None without automated backups.
        replica_identifiers: Identifiers of the read replicas.
        tags: The instance's own tags.
        backup_retention_days: How long RDS keeps its automated backups; 0 where they are switched off.
        allocated_storage_gib: How much storage it has; 0 where RDS does not say.
        maximum_storage_gib: To how much it may grow by itself; 0 where autoscaling is switched off.
    """

    identifier: str
    arn: str
    resource_id: str
    status: str
    multi_az: bool
    availability_zone: str | None = None
    secondary_availability_zone: str | None = None
    latest_restorable_time: datetime | None = None
    replica_identifiers: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    backup_retention_days: int = 0
    allocated_storage_gib: int = 0
    maximum_storage_gib: int = 0

    @property
    def has_automated_backups(self) -> bool:
        """Whether RDS backs the instance up by itself, so that it can be restored to a point in time."""
        return self.backup_retention_days > 0

    @property
    def allocated_storage_percent_of_maximum(self) -> float | None:
        """How far its storage has grown towards what autoscaling may give it; None where there is no autoscaling."""
        if not self.maximum_storage_gib:
            return None
        return round(100 * self.allocated_storage_gib / self.maximum_storage_gib, 2)

    @property
    def is_available(self) -> bool:
        """Whether RDS says that the instance takes connections."""
        return self.status == "available"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of an instance's event history.

    `DescribeEvents` returns no event identifiers (RDS API reference, DescribeEvents), so an entry is known by its
    categories and time alone; the message is for people and never matched.
    """

    occurred_at: datetime
    categories: tuple[str, ...]
    message: str
