"""The invariants of expiry (contracts, expire_snapshots), each for whatever snapshots and policy there may be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.snapshot_expiry import ExpiryAction, ExpiryPolicy
from rds_operations.domain.snapshots import Snapshot
from tests.snapshot_worlds import (
    POLICIES,
    SNAPSHOTS,
    age,
    expiring,
    good_ones,
    is_ours,
    leaving,
    looks_wrong,
    on_demand,
)
from tests.snapshots import INSTANCE, OWNERSHIP, PREFIX, decided, owned, policy

DEFER = ExpiryAction.DEFER
KEEPING = {"hold", " Hold", "retain-until"}


def retention_of(snapshot: Snapshot, by: ExpiryPolicy) -> timedelta:
    return by.on_demand_retention if on_demand(snapshot) else by.retention


def held(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, tags={**snapshot.tags, "hold": ""})


@given(SNAPSHOTS, POLICIES)
def test_only_own_snapshots_of_own_instance_go(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    assert all(is_ours(snapshot) for snapshot in expiring(snapshots, by))


@given(SNAPSHOTS, POLICIES)
def test_none_younger_than_its_retention_goes(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    for snapshot in expiring(snapshots, by):
        assert age(snapshot) > (timedelta(days=7) if snapshot.status == "failed" else retention_of(snapshot, by))


@given(SNAPSHOTS, POLICIES)
def test_only_available_and_failed_ones_go(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    assert {snapshot.status for snapshot in expiring(snapshots, by)} <= {"available", "failed"}


@given(SNAPSHOTS, POLICIES)
def test_newest_good_ones_always_stay(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    protected = good_ones(snapshots)[: by.minimum_snapshots]

    gone = expiring(snapshots, by)

    assert not [snapshot for snapshot in protected if snapshot in gone]


@given(SNAPSHOTS, POLICIES)
def test_what_is_no_backup_counts_for_nothing(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    good = good_ones(snapshots)

    gone = leaving(snapshots, by)

    if not looks_wrong(snapshots):
        assert [snapshot for snapshot in gone if snapshot.status == "available"] == leaving(good, by)


@given(SNAPSHOTS, POLICIES)
def test_hold_and_retain_until_are_honoured(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    for snapshot in expiring(snapshots, by):
        assert "hold" not in {key.strip().lower() for key in snapshot.tags}
        assert snapshot.tags.get("retain-until") in (None, "2026-10-01")


@given(SNAPSHOTS, POLICIES)
def test_unreadable_tag_concerns_its_own_snapshot_alone(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    first, *others = good_ones(snapshots) or [owned("lone")]
    unreadable = replace(first, tags={**first.tags, "retain-until": "?", "": "", "created-at": "?"})

    gone, gone_with_hold = (leaving([one, *others], by) for one in (unreadable, held(first)))

    assert gone == gone_with_hold
    assert unreadable not in gone


@given(st.dates(max_value=date(9999, 12, 30)))
def test_no_day_ends_before_its_last_moment(day: date) -> None:
    last_moment = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    created_at = datetime(1, 1, 1, tzinfo=UTC)
    tags = OWNERSHIP.tags() | {"retain-until": day.isoformat()}
    snapshots = [Snapshot(f"{PREFIX}-{name}", INSTANCE, "available", created_at, tags) for name in "ab"]

    before, after = (decided(*snapshots, now=last_moment + timedelta(seconds=late)) for late in (0, 1))

    assert not before.to(ExpiryAction.DELETE)
    assert bool(after.to(ExpiryAction.DELETE)) is (last_moment - created_at > policy().retention)


@given(SNAPSHOTS, POLICIES)
def test_never_more_than_maximum_and_oldest_first(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    gone, deferred = leaving(snapshots, by), leaving(snapshots, by, DEFER)

    backups = [snapshot for snapshot in gone + deferred if snapshot.status == "available"]

    assert len(gone) <= by.maximum_deletions
    assert not deferred or len(gone) == by.maximum_deletions
    assert backups == sorted(backups, key=age, reverse=True)


@given(SNAPSHOTS, POLICIES)
def test_failed_ones_go_after_all_the_others(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    gone, deferred = leaving(snapshots, by), leaving(snapshots, by, DEFER)

    have_failed = [snapshot.status == "failed" for snapshot in gone]

    assert have_failed == sorted(have_failed)
    assert not any(have_failed) or all(snapshot.status == "failed" for snapshot in deferred)


@given(SNAPSHOTS, POLICIES, st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(snapshots: list[Snapshot], by: ExpiryPolicy, chance: Random) -> None:
    shuffled = list(snapshots)
    chance.shuffle(shuffled)

    assert decided(*shuffled, by=by) == decided(*snapshots, by=by)


@given(SNAPSHOTS, POLICIES, st.integers(-14, 14))
def test_zone_that_times_are_told_in_does_not_matter(snapshots: list[Snapshot], by: ExpiryPolicy, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    elsewhere = [replace(s, created_at=s.created_at.astimezone(zone) if s.created_at else None) for s in snapshots]

    told, told_elsewhere = decided(*snapshots, by=by), decided(*elsewhere, by=by)

    assert told_elsewhere.codes == told.codes
    assert [taken.reason for taken in told_elsewhere.decisions] == [taken.reason for taken in told.decisions]


@given(SNAPSHOTS, POLICIES)
def test_second_run_deletes_only_what_was_deferred(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    gone, deferred = leaving(snapshots, by), leaving(snapshots, by, DEFER)
    left = [snapshot for snapshot in snapshots if snapshot not in gone]

    gone_next, deferred_next = leaving(left, by), leaving(left, by, DEFER)

    assert gone_next + deferred_next == deferred


@given(SNAPSHOTS, POLICIES, st.randoms(use_true_random=False))
def test_run_in_the_middle_of_another_harms_nothing_more(
    snapshots: list[Snapshot], by: ExpiryPolicy, chance: Random
) -> None:
    gone, deferred = leaving(snapshots, by), leaving(snapshots, by, DEFER)
    gone_already = chance.sample(gone, chance.randint(0, len(gone)))

    others = leaving([snapshot for snapshot in snapshots if snapshot not in gone_already], by)

    assert [snapshot for snapshot in others if snapshot not in gone + deferred] == []


@given(SNAPSHOTS, POLICIES)
def test_every_snapshot_gets_one_reasoned_decision(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    decisions = decided(*snapshots, by=by).decisions

    assert sorted(taken.snapshot.identifier for taken in decisions) == sorted(kept.identifier for kept in snapshots)
    assert all(taken.reason and taken.code for taken in decisions)


@given(SNAPSHOTS, POLICIES)
def test_nothing_goes_by_a_listing_that_looks_wrong(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    plan = decided(*snapshots, by=by)

    assert bool(plan.refusal) is looks_wrong(snapshots)
    if plan.refusal:
        assert {decision.action for decision in plan.decisions} == {ExpiryAction.KEEP}
        assert all(plan.refusal in decision.reason for decision in plan.decisions)


@given(SNAPSHOTS, POLICIES)
def test_nothing_goes_where_no_snapshot_is_good(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    spoiled = [replace(s, status="failed") if s.status == "available" else s for s in snapshots]

    plan = decided(*spoiled, by=by)

    assert plan.to(ExpiryAction.DELETE) == ()
    assert bool(plan.refusal) is looks_wrong(spoiled)


@given(SNAPSHOTS, POLICIES)
def test_whatever_may_go_goes_or_waits(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    """Keeps the other properties from being met by deleting nothing."""
    by = replace(by, periods=policy().periods)
    failed = [s for s in snapshots if is_ours(s) and s.status == "failed" and (s.created_at or "created-at" in s.tags)]
    expired = [s for s in good_ones(snapshots)[by.minimum_snapshots :] if age(s) > retention_of(s, by)]
    free = [s for s in expired + [s for s in failed if age(s) > timedelta(days=7)] if not KEEPING & s.tags.keys()]

    going = expiring(snapshots, by)

    assert looks_wrong(snapshots) or [snapshot for snapshot in free if snapshot not in going] == []
