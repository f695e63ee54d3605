"""What is known of the servers after each answer: history, staleness, and who follows whom."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langpont_db.cluster_view import ClusterView, Mark, ReplicaView, Sample, staleness_seconds

KEEP = 10.0
PRIMARY = Sample(
    asked_at=100.0,
    is_in_recovery=False,
    system=7,
    lsn=1000,
    received=0,
    transaction=50,
    oldest=50,
    timeline=1,
    is_paused=False,
    server="a",
)
REPLICA = replace(PRIMARY, is_in_recovery=True, received=1000, server="r")


def _seen(*samples: Sample, keep_seconds: float = KEEP) -> ClusterView:
    view = ClusterView()
    for sample in samples:
        view = view.with_primary(sample, keep_seconds=keep_seconds)
    return view


def _promoted(*, seconds: float = 1, lsn: int = 1100, transaction: int = 51) -> Sample:
    return replace(
        PRIMARY, asked_at=PRIMARY.asked_at + seconds, lsn=lsn, transaction=transaction, timeline=2, server="b"
    )


def test_idle_primary_leaves_one_mark_that_stays_new() -> None:
    view = _seen(PRIMARY, replace(PRIMARY, asked_at=105.0))

    assert view.primary.history == (Mark(1000, 50, 105.0),)


def test_replica_is_as_old_as_the_newest_mark_it_has_reached() -> None:
    view = _seen(PRIMARY, replace(PRIMARY, asked_at=103.0, lsn=1010, transaction=51))

    ages = [
        staleness_seconds(view.primary.history, ReplicaView(replayed=lsn, transaction=transaction), 104.0)
        for lsn, transaction in ((999, 49), (1000, 49), (1009, 50), (1010, 50), (1009, 51))
    ]

    assert ages == [math.inf, 4.0, 4.0, 1.0, 1.0]


def test_end_of_the_log_that_no_replica_gets_to_yet_does_not_make_it_stale() -> None:
    # What a read cleaned up on the primary is in the log and not on disk; no transaction of anybody's is missing.
    view = _seen(PRIMARY, replace(PRIMARY, asked_at=130.0, lsn=1064), keep_seconds=5)

    assert staleness_seconds(view.primary.history, ReplicaView(replayed=1000, transaction=50), 130.5) == 0.5


def test_history_that_is_of_no_use_any_more_is_forgotten() -> None:
    view = _seen(PRIMARY, *(replace(PRIMARY, asked_at=100.0 + number, lsn=1000 + number) for number in range(1, 60)))

    assert len(view.primary.history) == KEEP + 1


def test_long_history_is_kept_in_few_marks() -> None:
    samples = [replace(PRIMARY, asked_at=100.0 + number / 4, lsn=1000 + number) for number in range(4000)]

    history = _seen(*samples, keep_seconds=1000).primary.history

    assert len(history) <= 102
    assert history[-1] == Mark(4999, 50, 1099.75)


def test_marks_that_a_crash_took_back_are_forgotten() -> None:
    view = _seen(PRIMARY, replace(PRIMARY, asked_at=101.0, lsn=900))

    assert view.primary.history == (Mark(900, 50, 101.0),)


def test_primary_in_recovery_counts_as_gone() -> None:
    view = _seen(PRIMARY, replace(PRIMARY, is_in_recovery=True))

    assert not view.primary.is_up
    assert view.primary.timeline == 1


def test_replica_follows_when_it_says_so() -> None:
    assert _seen(PRIMARY).with_replica("r", REPLICA).replicas["r"].follows == 1


def test_replica_of_another_system_never_follows() -> None:
    assert _seen(PRIMARY).with_replica("r", replace(REPLICA, system=8)).replicas["r"].follows is None


def test_new_timeline_takes_trust_from_every_replica_and_history_from_the_primary() -> None:
    view = _seen(PRIMARY).with_replica("r", REPLICA).with_primary(_promoted(), keep_seconds=KEEP)

    assert view.replicas["r"].follows is None
    assert view.primary.history == (Mark(1100, 51, 101.0),)


def test_replica_that_moves_beyond_what_it_had_is_proven_to_follow_the_new_timeline() -> None:
    view = _seen(PRIMARY).with_replica("r", REPLICA).with_primary(_promoted(), keep_seconds=KEEP)
    behind = replace(REPLICA, lsn=1000, received=1050)

    answers = []
    for lsn in (1000, 1050, 1051, 1051):
        view = view.with_replica("r", replace(behind, lsn=lsn))
        answers.append(view.replicas["r"].follows)

    assert answers == [None, None, 2, 2]


def test_replica_that_went_another_way_stays_untrusted_when_the_primary_passes_it() -> None:
    view = _seen(PRIMARY).with_primary(_promoted(), keep_seconds=KEEP)
    ahead = replace(REPLICA, lsn=5000, received=5000)
    for lsn in (1100, 4000, 6000, 9000):
        view = view.with_primary(_promoted(lsn=lsn), keep_seconds=KEEP).with_replica("r", ahead)

    assert view.replicas["r"].follows is None


def test_replica_on_a_timeline_that_the_primary_is_not_known_to_have_is_not_trusted() -> None:
    view = _seen(PRIMARY)
    for lsn in (1000, 2000):
        view = view.with_replica("r", replace(REPLICA, timeline=2, lsn=lsn))

    assert view.replicas["r"].follows is None


def test_replica_that_does_not_answer_keeps_what_is_known_of_it() -> None:
    view = _seen(PRIMARY).with_replica("r", REPLICA).without_replica("r")

    assert view.replicas["r"] == replace(_seen(PRIMARY).with_replica("r", REPLICA).replicas["r"], is_up=False)


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=12),
    replayed_step=st.integers(0, 11),
    elapsed=st.floats(0, 3),
)
@pytest.mark.parametrize("by", ["log", "transactions"])
def test_replica_shows_everything_from_before_its_age(
    by: str, steps: list[tuple[int, int]], replayed_step: int, elapsed: float
) -> None:
    # The true state of the primary at each second; the replica is where it was at one of them.
    lsn, transaction, truth = 1000, 50, []
    for more_log, more_transactions in steps:
        lsn, transaction = lsn + more_log + more_transactions, transaction + more_transactions
        truth.append((lsn, transaction))
    has_lsn, has_transaction = truth[min(replayed_step, len(truth) - 1)]
    samples = [
        replace(PRIMARY, asked_at=float(second), lsn=at[0], transaction=at[1]) for second, at in enumerate(truth)
    ]
    replica = ReplicaView(
        replayed=has_lsn if by == "log" else 0, transaction=has_transaction if by == "transactions" else 0
    )
    now = len(truth) - 1 + elapsed

    age = staleness_seconds(_seen(*samples, keep_seconds=100).primary.history, replica, now)

    missing_since = [second for second, at in enumerate(truth) if at[1] > has_transaction]
    assert not missing_since or min(missing_since) > now - age
