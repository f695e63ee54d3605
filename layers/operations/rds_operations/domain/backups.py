"""Whether the backups of the instance can be trusted now: what is there, what is missing, what people have to know.

RDS has no event for a snapshot that fails or never ends (RDS User Guide, "Amazon RDS event categories and event
messages"), so this is found by looking.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from rds_operations.domain.instances import DbInstance
from rds_operations.domain.snapshots import Ownership, Snapshot, SnapshotRequest, Tier
from rds_operations.domain.times import utc_text

GRACE = timedelta(hours=1)
"""How much later than due a scheduled snapshot may begin: Lambda retries for minutes, the scheduler for an hour."""
STUCK_AFTER = timedelta(hours=6)
"""No snapshot of an instance of this size takes so long; waiters of the AWS SDKs give up after half an hour."""
MISSED_SCHEDULE = "missed-schedule"

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_UNDER_WAY = frozenset({"creating", "pending", "copying"})
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan:
    """What there should be.

    Args:
        ownership: Whose snapshots count.
        prefix: What their identifiers begin with, before a hyphen.
        interval: How often the schedule makes one.
        manual_snapshot_quota: How many manual snapshots the account may have in the region.
    """

    ownership: Ownership
    prefix: str
    interval: timedelta
    manual_snapshot_quota: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupState:
    """What one look saw.

    Args:
        instance: The instance, or None where RDS has none of that name.
        owned: This deployment's snapshots of it, in the order they were begun.
        manual_snapshots: How many manual snapshots the account has in the region, strangers' included.
        now: When the look was taken, aware of its zone.
    """

    instance: DbInstance | None
    owned: tuple[Snapshot, ...]
    manual_snapshots: int
    now: datetime

    @classmethod
    def seen(
        cls, listed: Iterable[Snapshot], *, instance: DbInstance | None, plan: BackupPlan, now: datetime
    ) -> "BackupState":
        """Return the state that a listing of all manual snapshots shows; its order does not matter."""
        every = {snapshot.identifier: snapshot for snapshot in listed}
        owned = [
            snapshot
            for snapshot in every.values()
            if snapshot.is_owned_by(plan.ownership) and snapshot.identifier.startswith(f"{plan.prefix}-")
        ]
        owned.sort(key=lambda snapshot: (snapshot.begun_at or _EARLIEST, snapshot.identifier))
        return cls(instance=instance, owned=tuple(owned), manual_snapshots=len(every), now=now)

    @property
    def good(self) -> tuple[Snapshot, ...]:
        """Those that can be restored, and whose age is known."""
        return tuple(snapshot for snapshot in self.owned if snapshot.is_good)

    @property
    def newest_good(self) -> Snapshot | None:
        """The newest one that can be restored."""
        return self.good[-1] if self.good else None

    @property
    def failed(self) -> tuple[Snapshot, ...]:
        """Those that never became a backup."""
        return tuple(snapshot for snapshot in self.owned if snapshot.has_failed)

    @property
    def stuck(self) -> tuple[Snapshot, ...]:
        """Those under way for too long, or for nobody knows how long."""
        return tuple(
            snapshot
            for snapshot in self.owned
            if snapshot.status in _UNDER_WAY and not self._has_begun_within(snapshot, STUCK_AFTER)
        )

    @property
    def newest_scheduled(self) -> Snapshot | None:
        """The newest one of the schedule that is good, or on the way to it; one of unknown tier is the schedule's."""
        stuck = self.stuck
        hoped = [s for s in self.owned if s.is_good or (s.status in _UNDER_WAY and s not in stuck)]
        return next((snapshot for snapshot in reversed(hoped) if snapshot.tier is Tier.SCHEDULED), None)

    def _has_begun_within(self, snapshot: Snapshot, period: timedelta) -> bool:
        begun = snapshot.begun_at
        return begun is not None and self.now - begun <= period


class BackupAction(StrEnum):
    """What to do about the schedule's snapshots."""

    NONE = "none"
    WAIT = "wait"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class BackupDecision:
    """What to do about the schedule's snapshots, and why; `request` is there with `create` alone."""

    action: BackupAction
    reason: str
    request: SnapshotRequest | None = None


def decide_missing(state: BackupState, plan: BackupPlan) -> BackupDecision:
    """Decide whether the schedule missed a snapshot that can be made now.

    1. The instance is gone: there is nothing to make one of.
    2. The newest good one of the schedule, or one under way, is not older than interval and grace: none is missing.
    3. The instance is not available: the next look tries.
    4. One is made, named by the hour, so that two looks in an hour make one.

    Snapshots on demand do not count: they go earlier, and say nothing about the schedule.
    """
    if state.instance is None:
        return BackupDecision(BackupAction.NONE, "the instance is gone: there is nothing to make a snapshot of")
    newest, due = state.newest_scheduled, plan.interval + GRACE
    begun = newest.begun_at if newest else None
    if newest and begun and state.now - begun <= due:
        reason = f"{newest.identifier} was begun at {utc_text(begun)}, not more than {_hours(due)} ago"
        return BackupDecision(BackupAction.NONE, reason)
    missed = f"no good snapshot of the schedule is younger than {_hours(due)}"
    if not state.instance.is_available:
        reason = f"{missed}, but the instance is {state.instance.status}, not available: the next look tries"
        return BackupDecision(BackupAction.WAIT, reason)
    hour = state.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    request = SnapshotRequest(hour, MISSED_SCHEDULE, Tier.SCHEDULED, asked_at=state.now)
    return BackupDecision(BackupAction.CREATE, missed, request)


def figures(state: BackupState, plan: BackupPlan) -> Mapping[str, float]:
    """Return the metrics of one look by name; what is not known has none."""
    found: dict[str, float] = {
        "good_snapshots": len(state.good),
        "failed_snapshots": len(state.failed),
        "manual_snapshot_quota_used_percent": round(100 * state.manual_snapshots / plan.manual_snapshot_quota, 2),
    }
    if state.newest_good and state.newest_good.created_at:
        found["newest_good_snapshot_age_hours"] = round((state.now - state.newest_good.created_at) / _HOUR, 2)
    if state.instance:
        found["automated_backups_enabled"] = int(state.instance.has_automated_backups)
        grown = state.instance.allocated_storage_percent_of_maximum
        if grown is not None:
            found["allocated_storage_percent_of_maximum"] = grown
        if state.instance.latest_restorable_time:
            lag = state.now - state.instance.latest_restorable_time
            found["latest_restorable_time_lag_minutes"] = round(lag / _MINUTE, 2)
    return found


def _hours(period: timedelta) -> str:
    return f"{period / _HOUR:g} hours"
