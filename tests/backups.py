"""Builders for tests of the look at the backups: one plan, one instance, and what a look sees."""

from dataclasses import replace
from datetime import datetime, timedelta

from rds_operations.domain.backups import BackupPlan, BackupState
from rds_operations.domain.instances import DbInstance
from rds_operations.domain.snapshots import Snapshot
from rds_operations.domain.times import utc_text
from tests.fakes.instances import instance
from tests.snapshots import NOW, OWNERSHIP, PREFIX, owned

PLAN = BackupPlan(ownership=OWNERSHIP, prefix=PREFIX, interval=timedelta(hours=24), manual_snapshot_quota=100)
WELL = replace(
    instance(), backup_retention_days=7, latest_restorable_time=NOW - timedelta(minutes=5, seconds=30), tags={}
)


def hours_old(name: str, hours: float, status: str = "available", **tags: str) -> Snapshot:
    """Return a snapshot of ours; RDS gives one that is under way no time, so its maker's note alone tells."""
    begun = utc_text(NOW - timedelta(hours=hours))
    snapshot = owned(name, hours / 24, status, created_at=begun, tier="scheduled", **tags)
    return replace(snapshot, created_at=None) if status == "creating" else snapshot


def on_demand(name: str, hours: float) -> Snapshot:
    snapshot = hours_old(name, hours)
    return replace(snapshot, tags={**snapshot.tags, "tier": "on-demand"})


def seen(*listed: Snapshot, of: DbInstance | None = WELL, now: datetime = NOW) -> BackupState:
    return BackupState.seen(listed, instance=of, plan=PLAN, now=now)
