"""Worlds for the properties of expiry: whatever snapshots and policies there may be, and what they mean, said again."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from rds_operations.domain.snapshot_expiry import ExpiryAction, ExpiryPolicy
from rds_operations.domain.snapshot_tiers import PeriodCounts
from rds_operations.domain.snapshots import Snapshot
from tests.snapshots import INSTANCE, NOW, OWNERSHIP, PREFIX, decided, policy

OWN_TAGS = OWNERSHIP.tags()
KEPT_BY_TAG = ({"hold": "x"}, {" Hold": ""}, {"retain-until": "2026-12-24"}, {"retain-until": "?"})
NOT_KEPT_BY_TAG = ({"retain-until": "2026-10-01"}, {"tier": "scheduled"}, {"tier": "?"}, {"tier": "on-demand"})
FOREIGN_TAGS: tuple[dict[str, str], ...] = ({}, {"managed-by": "someone"}, OWN_TAGS | {"environment": "prod"})
FAILED_SINCE = {"created-at": "2026-11-01T18:00:00Z"}

_TAGS = st.sampled_from(
    [OWN_TAGS] * 12
    + [OWN_TAGS | tags for tags in (*KEPT_BY_TAG, *NOT_KEPT_BY_TAG * 2, FAILED_SINCE)]
    + list(FOREIGN_TAGS)
)
# Worlds are few: in half of them the retention is one of two, and many snapshots are about as old as these.
_RETENTIONS_DAYS = st.sampled_from([7, 30])
_AGES = st.one_of(
    *[st.builds(lambda days, hours: timedelta(days=days, hours=hours), _RETENTIONS_DAYS, st.integers(-24, 24))] * 6,
    *[st.integers(0, 90 * 24).map(lambda hours: timedelta(hours=hours))] * 8,
    *[st.integers(0, 1_200).map(lambda days: timedelta(days=days))] * 4,
    st.integers(-7, 7).map(lambda minutes: timedelta(minutes=minutes)),
)
_CREATION_TIMES = st.one_of(*[_AGES.map(lambda age: NOW - age)] * 9, st.none())
_NAMES = st.builds("{}-{}".format, st.sampled_from([PREFIX] * 12 + ["final", "rds:x"]), st.integers(0, 999))
_SNAPSHOT = st.builds(
    Snapshot,
    identifier=_NAMES,
    instance_identifier=st.sampled_from([INSTANCE] * 12 + ["other-db"]),
    status=st.sampled_from(["available"] * 9 + ["creating", "failed", "failed"]),
    created_at=_CREATION_TIMES,
    tags=_TAGS,
)
SNAPSHOTS = st.integers(0, 15).flatmap(
    lambda least: st.lists(_SNAPSHOT, min_size=least, max_size=25, unique_by=lambda snapshot: snapshot.identifier)
)
PERIODS = st.builds(PeriodCounts, weekly=st.integers(0, 3), monthly=st.integers(0, 3), yearly=st.integers(0, 2))
POLICIES = st.builds(
    policy,
    days=_RETENTIONS_DAYS | st.integers(1, 60),
    minimum=st.integers(1, 4),
    maximum=st.integers(1, 4),
    on_demand_days=_RETENTIONS_DAYS | st.integers(1, 90),
    periods=st.one_of(st.just(PeriodCounts()), PERIODS),
)


def leaving(
    snapshots: list[Snapshot], by: ExpiryPolicy, action: ExpiryAction = ExpiryAction.DELETE, now: datetime = NOW
) -> list[Snapshot]:
    """Return the snapshots that are to be deleted, or deferred, in that order."""
    return [decision.snapshot for decision in decided(*snapshots, by=by, now=now).to(action)]


def expiring(snapshots: list[Snapshot], by: ExpiryPolicy) -> list[Snapshot]:
    """Return the snapshots that nothing keeps: what goes now, and what waits for a later run."""
    return leaving(snapshots, by) + leaving(snapshots, by, ExpiryAction.DEFER)


def is_ours(snapshot: Snapshot) -> bool:
    return (
        snapshot.instance_identifier == INSTANCE
        and snapshot.identifier.startswith(f"{PREFIX}-")
        and all(snapshot.tags.get(key) == value for key, value in OWN_TAGS.items())
    )


def good_ones(snapshots: list[Snapshot]) -> list[Snapshot]:
    """Return the restorable snapshots of this deployment whose age is known, newest first."""
    good = [s for s in snapshots if is_ours(s) and s.status == "available" and s.created_at]
    return sorted(good, key=lambda s: (s.created_at or NOW, s.identifier), reverse=True)


def on_demand(snapshot: Snapshot) -> bool:
    return snapshot.tags.get("tier") == "on-demand"


def age(snapshot: Snapshot) -> timedelta:
    """Return the age by RDS's time, or else by the maker's note."""
    noted = datetime.fromisoformat(snapshot.tags["created-at"]) if "created-at" in snapshot.tags else None
    begun = snapshot.created_at or noted
    assert begun is not None
    return NOW - begun.astimezone(UTC)


def looks_wrong(snapshots: list[Snapshot]) -> bool:
    """Return whether nothing may be deleted by this listing: the clock is behind it, or nothing in it is good."""
    owned = [snapshot for snapshot in snapshots if is_ours(snapshot)]
    from_later = any(s.created_at and s.created_at - NOW > timedelta(minutes=5) for s in owned)
    older_ones = any(snapshot.status != "creating" for snapshot in owned)
    return from_later or (older_ones and not good_ones(snapshots))
