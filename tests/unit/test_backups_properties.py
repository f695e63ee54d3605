"""What holds for a look at any snapshots."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.backup_alerts import Trouble, decide_notices
from rds_operations.domain.backups import GRACE, STUCK_AFTER, BackupAction, BackupState, decide_missing, figures
from rds_operations.domain.snapshots import Snapshot
from tests.backups import PLAN, WELL, seen
from tests.snapshots import NOW, OWNERSHIP, PREFIX

HOURS = st.floats(-2, 60).map(lambda hours: NOW - timedelta(hours=hours))
TAGS = st.fixed_dictionaries(
    {key: st.just(value) for key, value in OWNERSHIP.tags().items()},
    optional={
        "tier": st.sampled_from(["scheduled", "on-demand", "?"]),
        "created-at": HOURS.map(datetime.isoformat) | st.just("yesterday"),
        "alerted-failed": st.just("x"),
        "alerted-stuck": st.just("x"),
    },
).map(lambda tags: {str(key): str(value) for key, value in tags.items()})
OURS = st.builds(
    Snapshot,
    identifier=st.integers(0, 40).map(lambda number: f"{PREFIX}-{number}"),
    instance_identifier=st.just(OWNERSHIP.db_instance_identifier),
    status=st.sampled_from(["available", "creating", "pending", "failed", "deleting"]),
    created_at=st.none() | HOURS,
    tags=TAGS,
)
STRANGERS = st.builds(replace, OURS, identifier=st.integers(0, 40).map("stranger-{}".format), tags=st.just({}))
WORLDS = st.lists(OURS | STRANGERS, max_size=12, unique_by=lambda snapshot: snapshot.identifier)
INSTANCES = st.none() | st.builds(replace, st.just(WELL), status=st.sampled_from(["available", "stopped"]))


def covers(snapshot: Snapshot, state: BackupState) -> bool:
    """Return what is asked of a snapshot, said another way than the code says it."""
    is_young = snapshot.created_at is not None and NOW - snapshot.created_at <= PLAN.interval + GRACE
    is_on_the_way = snapshot.status in ("creating", "pending") and snapshot not in state.stuck
    return snapshot.tags.get("tier") != "on-demand" and ((snapshot.status == "available" and is_young) or is_on_the_way)


@given(WORLDS, INSTANCES)
def test_one_is_made_exactly_when_nothing_covers_an_available_instance(world: list[Snapshot], instance: object) -> None:
    state = seen(*world, of=instance)  # type: ignore[arg-type]

    is_made = decide_missing(state, PLAN).action is BackupAction.CREATE

    is_available = state.instance is not None and state.instance.is_available
    assert is_made == (is_available and not any(covers(snapshot, state) for snapshot in state.owned))


@given(WORLDS, st.randoms())
def test_order_of_the_listing_changes_nothing(world: list[Snapshot], random: object) -> None:
    shuffled = list(world)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = seen(*world), seen(*shuffled)

    assert decide_missing(one, PLAN) == decide_missing(other, PLAN)
    assert figures(one, PLAN) == figures(other, PLAN)
    assert decide_notices(one) == decide_notices(other)


@given(WORLDS, st.lists(STRANGERS, max_size=5, unique_by=lambda snapshot: snapshot.identifier))
def test_strangers_change_the_quota_alone(world: list[Snapshot], strangers: list[Snapshot]) -> None:
    ours = [snapshot for snapshot in world if snapshot.tags]
    alone, among = seen(*ours), seen(*ours, *strangers)

    quota = {"manual_snapshot_quota_used_percent": 0.0}

    assert decide_missing(alone, PLAN) == decide_missing(among, PLAN)
    assert decide_notices(alone) == decide_notices(among)
    assert {**figures(among, PLAN), **quota} == {**figures(alone, PLAN), **quota}


@given(WORLDS)
def test_everyone_in_trouble_is_told_once_and_nobody_else(world: list[Snapshot]) -> None:
    state = seen(*world)

    told = {(notice.trouble, notice.snapshot.identifier) for notice in decide_notices(state) if notice.snapshot}

    expected = {
        (trouble, snapshot.identifier)
        for trouble, found in ((Trouble.FAILED, state.failed), (Trouble.STUCK, state.stuck))
        for snapshot in found
        if f"alerted-{trouble}" not in snapshot.tags
    }
    assert told == expected


@given(WORLDS)
def test_nothing_young_is_stuck(world: list[Snapshot]) -> None:
    state = seen(*world)

    assert not [s for s in state.stuck if s.created_at is not None and NOW - s.created_at <= STUCK_AFTER]
    assert all(snapshot.status in ("creating", "pending") for snapshot in state.stuck)
