"""Builders of snapshots for tests: one deployment, one moment, and what belongs to it."""

from datetime import UTC, datetime, timedelta

from rds_operations.domain.snapshot_expiry import ExpiryPlan, ExpiryPolicy, decide_expiry
from rds_operations.domain.snapshot_tiers import PeriodCounts
from rds_operations.domain.snapshots import Ownership, Snapshot

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
INSTANCE = "langpont-dev-db"
OWNERSHIP = Ownership("langpont", "dev", INSTANCE)
PREFIX = "langpont-manual"
NO_PERIODS = PeriodCounts()


def owned(name: str, age_days: float | None = 0, status: str = "available", **tags: str) -> Snapshot:
    """Return a snapshot that this deployment made; `retain_until` becomes the tag `retain-until`."""
    created_at = None if age_days is None else NOW - timedelta(days=age_days)
    own_tags = {key.replace("_", "-"): value for key, value in tags.items()}
    return Snapshot(f"{PREFIX}-{name}", INSTANCE, status, created_at, OWNERSHIP.tags() | own_tags)


def policy(
    days: float = 30,
    minimum: int = 1,
    maximum: int = 20,
    on_demand_days: float = 90,
    periods: PeriodCounts = NO_PERIODS,
) -> ExpiryPolicy:
    return ExpiryPolicy(
        retention=timedelta(days=days),
        minimum_snapshots=minimum,
        maximum_deletions=maximum,
        on_demand_retention=timedelta(days=on_demand_days),
        periods=periods,
    )


def decided(*snapshots: Snapshot, by: ExpiryPolicy | None = None, now: datetime = NOW) -> ExpiryPlan:
    return decide_expiry(snapshots, ownership=OWNERSHIP, prefix=PREFIX, policy=by or policy(), now=now)


def actions(plan: ExpiryPlan) -> dict[str, str]:
    """Return the action on each snapshot by its name without the prefix."""
    return {taken.snapshot.identifier.removeprefix(f"{PREFIX}-"): taken.action.value for taken in plan.decisions}


def reason(plan: ExpiryPlan, name: str) -> str:
    """Return the reason for what happens to one snapshot."""
    return next(taken.reason for taken in plan.decisions if taken.snapshot.identifier == f"{PREFIX}-{name}")
