"""The invariants of expiry (contracts, expire_snapshots), each for whatever snapshots and policy there may be."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rds_operations.domain.snapshot_expiry import ExpiryAction, ExpiryPolicy, decide_expiry
from rds_operations.domain.snapshots import Snapshot
from tests.snapshots import INSTANCE, NOW, OWNERSHIP, PREFIX, decided, policy

DAYS_AGO = st.integers(-3 * 24, 90 * 24).map(lambda hours: NOW - timedelta(hours=hours))
OWN_TAGS = OWNERSHIP.tags()
KEEPING_TAGS = ({"hold": "x"}, {"retain-until": "2026-12-24"}, {"retain-until": "2026-10-01"}, {"retain-until": "?"})
FOREIGN_TAGS: tuple[dict[str, str], ...] = ({}, {"managed-by": "someone"}, OWN_TAGS | {"environment": "prod"})
TAGS = st.sampled_from([OWN_TAGS] * 12 + [OWN_TAGS | keeping for keeping in KEEPING_TAGS] + list(FOREIGN_TAGS))
SNAPSHOT = st.builds(
    Snapshot,
    identifier=st.builds("{}-{}".format, st.sampled_from([PREFIX] * 9 + ["final"]), st.integers(0, 999)),
    instance_identifier=st.sampled_from([INSTANCE] * 9 + ["other-db"]),
    status=st.sampled_from(["available"] * 8 + ["creating", "failed"]),
    created_at=st.one_of(*[DAYS_AGO] * 9, st.none()),
    tags=TAGS,
)
SNAPSHOTS = st.integers(0, 15).flatmap(
    lambda least: st.lists(SNAPSHOT, min_size=least, max_size=25, unique_by=lambda snapshot: snapshot.identifier)
)
POLICIES = st.builds(policy, days=st.integers(1, 60), minimum=st.integers(1, 4), maximum=st.integers(1, 4))
UNHURRIED = settings(deadline=None)  # a busy machine is no finding


def going(snapshots: list[Snapshot], by: ExpiryPolicy, action: ExpiryAction = ExpiryAction.DELETE) -> list[Snapshot]:
    return [decision.snapshot for decision in decided(*snapshots, by=by).to(action)]


def newest_good(snapshots: list[Snapshot]) -> list[tuple[datetime, str]]:
    """Return age and name of the available snapshots with all ownership tags, newest first."""
    return sorted(
        (
            (snapshot.created_at, snapshot.identifier)
            for snapshot in snapshots
            if snapshot.created_at
            and snapshot.status == "available"
            and snapshot.instance_identifier == INSTANCE
            and snapshot.identifier.startswith(PREFIX)
            and OWNERSHIP.tags().items() <= snapshot.tags.items()
        ),
        reverse=True,
    )


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_only_own_snapshots_of_own_instance_go(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    for snapshot in going(snapshots, by):
        assert snapshot.instance_identifier == INSTANCE
        assert snapshot.tags.items() >= OWNERSHIP.tags().items()
        assert snapshot.identifier.startswith(PREFIX)


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_none_younger_than_its_retention_goes(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    for snapshot in going(snapshots, by):
        assert snapshot.created_at is not None
        assert NOW - snapshot.created_at > by.retention


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_only_available_ones_go(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    assert {snapshot.status for snapshot in going(snapshots, by)} <= {"available"}


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_newest_good_ones_always_stay(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    protected = {identifier for _, identifier in newest_good(snapshots)[: by.minimum_snapshots]}

    gone = {snapshot.identifier for snapshot in going(snapshots, by)}

    assert not gone & protected


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_hold_and_retain_until_are_honoured(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    for snapshot in going(snapshots, by):
        assert "hold" not in snapshot.tags
        assert snapshot.tags.get("retain-until") in (None, "2026-10-01")


@UNHURRIED
@given(st.dates(max_value=date(9999, 12, 30)))
def test_no_day_ends_before_its_last_moment(day: date) -> None:
    last_moment = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    created_at = datetime(1, 1, 1, tzinfo=UTC)
    tags = OWNERSHIP.tags() | {"retain-until": day.isoformat()}
    snapshots = [Snapshot(f"{PREFIX}-{name}", INSTANCE, "available", created_at, tags) for name in "ab"]

    before, after = (decided(*snapshots, now=last_moment + timedelta(seconds=late)) for late in (0, 1))

    assert not before.to(ExpiryAction.DELETE)
    assert bool(after.to(ExpiryAction.DELETE)) is (last_moment - created_at > policy().retention)


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_never_more_than_maximum_and_oldest_first(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    gone, deferred = going(snapshots, by), going(snapshots, by, ExpiryAction.DEFER)

    ages = [snapshot.created_at or NOW for snapshot in gone + deferred]

    assert len(gone) <= by.maximum_deletions
    assert ages == sorted(ages)
    assert not deferred or len(gone) == by.maximum_deletions


@UNHURRIED
@given(SNAPSHOTS, POLICIES, st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(snapshots: list[Snapshot], by: ExpiryPolicy, chance: Random) -> None:
    shuffled = list(snapshots)
    chance.shuffle(shuffled)

    assert decided(*shuffled, by=by) == decided(*snapshots, by=by)


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_second_run_deletes_only_what_was_deferred(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    gone, deferred = going(snapshots, by), going(snapshots, by, ExpiryAction.DEFER)
    left = [snapshot for snapshot in snapshots if snapshot not in gone]

    gone_next, deferred_next = going(left, by), going(left, by, ExpiryAction.DEFER)

    assert gone_next + deferred_next == deferred


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_every_snapshot_gets_one_reasoned_decision(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    decisions = decide_expiry(snapshots, ownership=OWNERSHIP, prefix=PREFIX, policy=by, now=NOW).decisions

    assert sorted(taken.snapshot.identifier for taken in decisions) == sorted(kept.identifier for kept in snapshots)
    assert all(taken.reason for taken in decisions)


@UNHURRIED
@given(SNAPSHOTS, POLICIES)
def test_whatever_may_go_goes_or_waits(snapshots: list[Snapshot], by: ExpiryPolicy) -> None:
    """Keeps the other properties from being met by deleting nothing."""
    unprotected = newest_good(snapshots)[by.minimum_snapshots :]
    expired = {identifier for created_at, identifier in unprotected if NOW - created_at > by.retention}
    free = {snapshot.identifier for snapshot in snapshots if not {"hold", "retain-until"} & snapshot.tags.keys()}

    leaving = going(snapshots, by) + going(snapshots, by, ExpiryAction.DEFER)

    assert {snapshot.identifier for snapshot in leaving} >= expired & free
