"""What is told: each change of a server once, in words and in counts."""

import logging

import pytest

from langpont_db.cluster_view import ClusterView, Mark, PrimaryView, ReplicaView
from langpont_db.events import _PHRASES, Event, Events
from langpont_db.transitions import Transitions

UP = PrimaryView(is_up=True, timeline=1, system=7, server="a", history=(Mark(100, 10, 99.0),))
DOWN = PrimaryView(is_up=False, timeline=1, system=7, server="a", history=UP.history)
PROMOTED = PrimaryView(is_up=True, timeline=2, system=7, server="b", history=(Mark(110, 11, 103.0),))
WELL = ReplicaView(is_up=True, replayed=100, transaction=10, follows=1)
GONE = ReplicaView(is_up=False, replayed=100, transaction=10, follows=1)


def _told(*views: ClusterView) -> dict[str, int]:
    events = Events()
    transitions = Transitions(events, bound_seconds=5)
    before = ClusterView()
    for number, view in enumerate(views):
        transitions.tell(before, view, now=100.0 + number)
        before = view
    return events.counts


def test_every_event_has_words() -> None:
    assert set(_PHRASES) == set(Event)


def test_event_is_counted_and_logged_with_its_keys(caplog: pytest.LogCaptureFixture) -> None:
    events = Events()

    events.record(Event.REPLICA_LEFT_OUT, node="replica-1", why="its replay is paused")

    assert events.counts == {"replica_left_out": 1}
    (record,) = caplog.records
    assert (record.getMessage(), record.levelno) == ("A replica was left out", logging.WARNING)
    assert (record.event, record.node, record.why) == ("replica_left_out", "replica-1", "its replay is paused")  # type: ignore[attr-defined]


def test_what_stays_the_same_is_told_once() -> None:
    view = ClusterView(UP, {"replica-1": GONE})

    assert _told(view, view, view) == {"replica_left_out": 1}


def test_replica_that_is_well_from_the_start_is_not_worth_a_word() -> None:
    assert _told(ClusterView(UP, {"replica-1": WELL})) == {}


def test_replica_that_goes_and_comes_back_is_told_twice() -> None:
    well, gone = ClusterView(UP, {"replica-1": WELL}), ClusterView(UP, {"replica-1": GONE})

    assert _told(well, gone, gone, well) == {"replica_left_out": 1, "replica_back": 1}


def test_outage_that_was_a_failover_is_told_as_one(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    counts = _told(ClusterView(UP), ClusterView(DOWN), ClusterView(DOWN), ClusterView(PROMOTED))

    assert counts == {"primary_lost": 1, "primary_back": 1, "failover_noticed": 1}
    (back,) = [record for record in caplog.records if record.event == "primary_back"]  # type: ignore[attr-defined]
    assert back.outage_seconds == 2.0  # type: ignore[attr-defined]


def test_outage_of_the_same_server_is_no_failover() -> None:
    assert _told(ClusterView(UP), ClusterView(DOWN), ClusterView(UP)) == {"primary_lost": 1, "primary_back": 1}
