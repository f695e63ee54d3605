"""Where a read goes, step by step of the ladder, and what holds in every world."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langpont_db.cluster_view import ClusterView, Mark, PrimaryView, ReplicaView, Sample, staleness_seconds
from langpont_db.positions import Position
from langpont_db.routing import ReadDecision, ReadWish, Reason, decide_where_to_read, why_left_out

NOW, BOUND = 1000.0, 5.0
PRIMARY = PrimaryView(
    is_up=True, timeline=2, system=7, server="a", history=(Mark(100, 10, NOW - 4), Mark(200, 20, NOW - 1))
)
WELL = ReplicaView(is_up=True, replayed=200, transaction=20, follows=2, frontier=0)
WISH = ReadWish(candidates=("replica-1", "replica-2"))


def _view(*replicas: ReplicaView, primary: PrimaryView = PRIMARY) -> ClusterView:
    return ClusterView(
        primary, MappingProxyType({f"replica-{number}": replica for number, replica in enumerate(replicas, start=1)})
    )


def _decide(view: ClusterView, wish: ReadWish = WISH, *, turn: int = 0) -> ReadDecision:
    return decide_where_to_read(view, wish, bound_seconds=BOUND, now=NOW, turn=turn)


def test_replicas_that_are_well_take_turns() -> None:
    view = _view(WELL, WELL)

    assert [_decide(view, turn=turn).replica for turn in range(4)] == ["replica-1", "replica-2"] * 2


def test_without_candidates_the_primary_is_read() -> None:
    assert _decide(_view(WELL), ReadWish(candidates=())) == ReadDecision(None, Reason.NO_REPLICAS)


def test_unverified_token_leaves_only_the_primary() -> None:
    assert _decide(_view(WELL), replace(WISH, is_verified=False)) == ReadDecision(None, Reason.UNVERIFIED)


def test_write_on_a_timeline_that_is_not_known_yet_leaves_only_the_primary() -> None:
    wish = replace(WISH, required=Position(timeline=3, lsn=1))

    assert _decide(_view(WELL), wish) == ReadDecision(None, Reason.UNKNOWN_TIMELINE)


@pytest.mark.parametrize(
    ("replica", "reason"),
    [
        (replace(WELL, is_up=False), Reason.UNREACHABLE),
        (replace(WELL, is_in_recovery=False), Reason.NO_REPLICA),
        (replace(WELL, is_paused=True), Reason.PAUSED),
        (replace(WELL, follows=None), Reason.NOT_FOLLOWING),
        (replace(WELL, replayed=99, transaction=9), Reason.STALE),
    ],
)
def test_replica_that_is_not_well_is_left_out_with_its_reason(replica: ReplicaView, reason: Reason) -> None:
    assert _decide(_view(replica), ReadWish(candidates=("replica-1",))) == ReadDecision(None, reason)
    assert _decide(_view(replica, WELL)).replica == "replica-2"


def test_replica_without_the_users_own_write_is_worth_waiting_for() -> None:
    wish = replace(WISH, required=Position(timeline=2, lsn=201))

    decision = _decide(_view(WELL), wish)

    assert decision == ReadDecision(None, Reason.MISSES_OWN_WRITE, is_worth_waiting=True)


def test_replica_that_has_the_users_own_write_is_chosen_among_others() -> None:
    wish = replace(WISH, required=Position(timeline=1, lsn=150))

    assert {_decide(_view(replace(WELL, replayed=149), WELL), wish, turn=turn).replica for turn in range(4)} == {
        "replica-2"
    }


def test_server_that_just_failed_the_read_is_not_asked_again() -> None:
    assert _decide(_view(WELL, WELL), replace(WISH, excluded=("replica-1",))).replica == "replica-2"


def test_replica_with_all_that_was_seen_of_a_lost_primary_may_be_read_however_late() -> None:
    lost = replace(PRIMARY, is_up=False)

    for replica, reason in ((WELL, None), (replace(WELL, replayed=150, transaction=15), Reason.STALE)):
        view = _view(replica, primary=lost)
        assert why_left_out(view, "replica-1", bound_seconds=BOUND, now=NOW + 3600) is reason


def test_replica_is_not_trusted_before_the_primary_was_seen() -> None:
    view = ClusterView().with_replica("replica-1", _sample_of_replica())

    assert why_left_out(view, "replica-1", bound_seconds=BOUND, now=NOW) is Reason.NOT_FOLLOWING


def _sample_of_replica() -> Sample:
    return Sample(
        asked_at=NOW,
        is_in_recovery=True,
        system=7,
        lsn=200,
        received=200,
        transaction=20,
        oldest=20,
        timeline=2,
        is_paused=False,
        server="r",
    )


replicas = st.builds(
    ReplicaView,
    is_up=st.booleans(),
    is_in_recovery=st.booleans(),
    is_paused=st.booleans(),
    replayed=st.integers(0, 400),
    transaction=st.integers(0, 40),
    follows=st.sampled_from([None, 2]),
    frontier=st.sampled_from([None, 0]),
)
histories = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40)), max_size=6).map(
    lambda steps: tuple(
        Mark(lsn, transaction, NOW - len(steps) + number)
        for number, (lsn, transaction) in enumerate(
            zip(sorted(lsn for lsn, _ in steps), sorted(transaction for _, transaction in steps), strict=True)
        )
    )
)
views = st.builds(
    lambda is_up, history, known: _view(*known, primary=replace(PRIMARY, is_up=is_up, history=history)),
    st.booleans(),
    histories,
    st.lists(replicas, max_size=2),
)
wishes = st.builds(
    ReadWish,
    candidates=st.sampled_from([(), ("replica-1",), ("replica-1", "replica-2")]),
    required=st.none() | st.builds(Position, st.integers(1, 3), st.integers(0, 400)),
    is_verified=st.booleans(),
    excluded=st.sampled_from([(), ("replica-1",)]),
)


@given(view=views, wish=wishes, turn=st.integers(0, 9))
def test_chosen_replica_is_never_behind_its_users_own_write(view: ClusterView, wish: ReadWish, turn: int) -> None:
    decision = _decide(view, wish, turn=turn)

    if decision.replica is not None and wish.required is not None:
        assert view.replicas[decision.replica].replayed >= wish.required.lsn
        assert wish.required.timeline <= 2


@given(view=views, wish=wishes, turn=st.integers(0, 9))
def test_chosen_replica_is_never_over_the_bound_while_the_primary_is_there(
    view: ClusterView, wish: ReadWish, turn: int
) -> None:
    decision = _decide(view, wish, turn=turn)

    if decision.replica is not None and view.primary.is_up:
        assert staleness_seconds(view.primary.history, view.replicas[decision.replica], NOW) <= BOUND


@given(view=views, wish=wishes, turn=st.integers(0, 9))
def test_chosen_replica_is_one_that_may_be_read(view: ClusterView, wish: ReadWish, turn: int) -> None:
    decision = _decide(view, wish, turn=turn)

    if decision.replica is not None:
        replica = view.replicas[decision.replica]
        assert replica.is_up
        assert replica.is_in_recovery
        assert not replica.is_paused
        assert replica.follows == 2
        assert wish.is_verified
        assert decision.replica in set(wish.candidates) - set(wish.excluded)


@given(view=views, wish=wishes)
def test_a_usable_replica_is_used_in_every_turn(view: ClusterView, wish: ReadWish) -> None:
    answers = {_decide(view, wish, turn=turn).replica is None for turn in range(4)}

    assert len(answers) == 1
