"""What is asked of a server whose control file the role may not read, in part or at all."""

import pytest

from langpont_db.cluster_view import ClusterView, Sample
from langpont_db.control_file import ControlRights, is_same_system
from langpont_db.probes import SAMPLE_QUERY
from langpont_db.start_check import _FACTS_QUERY

SYSTEM, CHECKPOINT = "pg_control_system()", "pg_control_checkpoint()"


@pytest.mark.parametrize("query", [SAMPLE_QUERY, _FACTS_QUERY])
def test_who_may_read_everything_asks_everything(query: str) -> None:
    assert ControlRights().allowed(query) == query
    assert ControlRights().hidden == ""


def test_what_may_not_be_read_is_not_in_the_query() -> None:
    without_system, without_both = ControlRights(system=False), ControlRights(system=False, checkpoint=False)

    assert SYSTEM not in without_system.allowed(SAMPLE_QUERY) + without_system.allowed(_FACTS_QUERY)
    assert CHECKPOINT in without_system.allowed(SAMPLE_QUERY)
    assert "pg_control" not in without_both.allowed(SAMPLE_QUERY)
    assert without_both.hidden == "pg_control_system, pg_control_checkpoint"


@pytest.mark.parametrize(
    ("one", "other", "is_same"), [(7, 7, True), (7, 8, False), (0, 7, True), (7, 0, True), (7, None, False)]
)
def test_system_that_nobody_may_ask_for_is_nobody_elses(one: int, other: int | None, *, is_same: bool) -> None:
    assert is_same_system(one, other) is is_same


def _sample(system: int, *, is_in_recovery: bool, timeline: int, lsn: int) -> Sample:
    return Sample(
        asked_at=1.0,
        is_in_recovery=is_in_recovery,
        system=system,
        lsn=lsn,
        received=lsn,
        transaction=5,
        oldest=5,
        timeline=timeline,
        is_paused=False,
        server="a",
    )


def test_replica_of_a_hidden_control_file_proves_by_replaying_that_it_follows() -> None:
    view = ClusterView().with_primary(_sample(7, is_in_recovery=False, timeline=3, lsn=100), keep_seconds=10)

    seen = view.with_replica("replica-1", _sample(0, is_in_recovery=True, timeline=0, lsn=100))
    moved = seen.with_replica("replica-1", _sample(0, is_in_recovery=True, timeline=0, lsn=101))

    assert seen.replicas["replica-1"].follows is None
    assert moved.replicas["replica-1"].follows == 3
