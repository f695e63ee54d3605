"""The rungs of `decide_expiry` that look at one snapshot alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_operations.domain.expiry_reasons import ExpiryCode
from rds_operations.domain.retention_tags import reason_to_retain
from rds_operations.domain.snapshots import Ownership, Snapshot, Tier

FAILED_RETENTION = timedelta(days=7)
"""How long a failed snapshot stays, so that someone can see what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryLadder:
    """What one snapshot is measured by.

    Args:
        ownership: Whose snapshots may go.
        beginning: What the identifiers of those begin with, the hyphen included.
        retention: Age up to which a snapshot of the schedule is kept.
        on_demand_retention: Age up to which a snapshot on demand is kept.
        now: The current time, aware of its zone.
    """

    ownership: Ownership
    beginning: str
    retention: timedelta
    on_demand_retention: timedelta
    now: datetime

    def rung(self, snapshot: Snapshot) -> ExpiryCode:
        """Return what keeps the snapshot, or `expired` or `failed_long_ago` where nothing about itself does."""
        if not (self.ownership.marks(snapshot) and snapshot.identifier.startswith(self.beginning)):
            return ExpiryCode.FOREIGN
        if reason_to_retain(snapshot.tags, self.now):
            return ExpiryCode.RETAINED
        if snapshot.is_available:
            retention = self.on_demand_retention if snapshot.tier is Tier.ON_DEMAND else self.retention
            return ExpiryCode.EXPIRED if self._is_older(snapshot.created_at, retention) else ExpiryCode.YOUNG
        if snapshot.has_failed:
            is_old = self._is_older(snapshot.begun_at, FAILED_RETENTION)
            return ExpiryCode.FAILED_LONG_AGO if is_old else ExpiryCode.FAILED_LATELY
        return ExpiryCode.UNAVAILABLE

    def _is_older(self, begun: datetime | None, age: timedelta) -> bool:
        return begun is not None and self.now - begun > age
