"""The primary's log grows a little for a replica that cannot show otherwise that it follows, ever more seldom."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from langpont_db.cluster_view import ClusterView, PrimaryView, ReplicaView
from langpont_db.nudges import Nudges

UP = PrimaryView(is_up=True, timeline=2)
WAITING = ReplicaView(is_up=True, follows=None, frontier=100)


def _view(replica: ReplicaView, primary: PrimaryView = UP) -> ClusterView:
    return ClusterView(primary, MappingProxyType({"replica-1": replica}))


@pytest.mark.parametrize(
    "view",
    [
        ClusterView(UP),
        _view(replace(WAITING, follows=2)),
        _view(replace(WAITING, is_up=False)),
        _view(replace(WAITING, is_in_recovery=False)),
        _view(replace(WAITING, frontier=None)),
        _view(WAITING, replace(UP, is_up=False)),
    ],
)
def test_nobody_is_nudged_for_a_replica_that_does_not_wait_for_it(view: ClusterView) -> None:
    assert not Nudges().is_due(view, now=1000.0)


def test_nudges_become_rare_for_a_replica_that_never_follows() -> None:
    nudges = Nudges()

    moments = [second / 4 for second in range(4 * 300) if nudges.is_due(_view(WAITING), now=1000 + second / 4)]

    assert moments[:5] == [0.0, 0.5, 1.5, 3.5, 7.5]
    assert moments[-1] - moments[-2] == 60


def test_next_replica_is_nudged_for_at_once() -> None:
    nudges = Nudges()
    for second in range(100):
        nudges.is_due(_view(WAITING), now=1000.0 + second)

    nudges.is_due(_view(replace(WAITING, follows=2)), now=1100.0)

    assert nudges.is_due(_view(WAITING), now=1100.25)
