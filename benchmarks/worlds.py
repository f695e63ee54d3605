"""The snapshots that are measured on: made up, the same at every run."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from rds_operations.domain.snapshot_expiry import ExpiryPolicy
from rds_operations.domain.snapshot_tiers import PeriodCounts
from rds_operations.domain.snapshots import (
    Ownership,
    Snapshot,
    SnapshotRequest,
    Tier,
    creation_tags,
    snapshot_identifier,
)

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
REGION = "ap-northeast-1"
INSTANCE = "langpont-prod-db"
RESOURCE_ID = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PREFIX = "langpont-manual"
OWNERSHIP = Ownership("langpont", "prod", INSTANCE)
RETENTION = timedelta(days=30)

_STEP = 7_919
"""A prime that divides no number of snapshots measured: steps of it visit each once, out of order."""

_EVERY_HELD = 50
_EVERY_ON_DEMAND = 30
_EVERY_FOREIGN = 20
_HOLD = MappingProxyType({"hold": "audit"})
_NO_TAGS: Mapping[str, str] = MappingProxyType({})


def full_policy() -> ExpiryPolicy:
    """Return the policy that is deployed by default, with weeks, months and years in use, too."""
    periods = PeriodCounts(weekly=8, monthly=12, yearly=5)
    return ExpiryPolicy(retention=RETENTION, minimum_snapshots=7, maximum_deletions=20, periods=periods)


def sparing_policy(count: int) -> ExpiryPolicy:
    """Return a policy that lets all of so many snapshots go in one run but the newest, which no policy lets go."""
    return ExpiryPolicy(retention=RETENTION, minimum_snapshots=1, maximum_deletions=count)


def snapshots_made_at_once(count: int, *, are_due: bool) -> list[Snapshot]:
    """Return owned snapshots a second apart, all of them older than the retention, or none."""
    newest = NOW - (RETENTION + timedelta(days=1) if are_due else timedelta(hours=1))
    return [_owned(newest - timedelta(seconds=number)) for number in range(count)]


class Order(StrEnum):
    """In what order snapshots are listed; RDS promises none."""

    NEWEST_FIRST = "newest first"
    SCATTERED = "scattered"


def snapshots_of_every_hour(count: int, order: Order) -> list[Snapshot]:
    """Return one snapshot for every hour before now; some held, some on demand, some of strangers."""
    step = _STEP if order is Order.SCATTERED else 1
    numbers = (number * step % count for number in range(count))
    return [_mixed(number, NOW - timedelta(hours=number)) for number in numbers]


def _mixed(number: int, created_at: datetime) -> Snapshot:
    if number % _EVERY_FOREIGN == 1:
        return Snapshot(f"by-hand-{number}", INSTANCE, "available", created_at, {"owner": "somebody else"})
    tier = Tier.ON_DEMAND if number % _EVERY_ON_DEMAND == 0 else Tier.SCHEDULED
    return _owned(created_at, tier, _HOLD if number % _EVERY_HELD == 0 else {})


def _owned(created_at: datetime, tier: Tier = Tier.SCHEDULED, further_tags: Mapping[str, str] = _NO_TAGS) -> Snapshot:
    request = SnapshotRequest(created_at, "measured", tier)
    tags = {**creation_tags(OWNERSHIP, request, {}, RESOURCE_ID), **further_tags}
    return Snapshot(snapshot_identifier(PREFIX, created_at), INSTANCE, "available", created_at, tags)
