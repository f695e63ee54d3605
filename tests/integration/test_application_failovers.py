"""The primary may die, or say nothing any more: what was acknowledged is there, once, and nothing is applied twice."""

from collections.abc import Iterator

import pytest

from langpont_db import Event
from local.drill.losses import freeze
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from tests.integration.application import make_notes, variables_of
from tests.integration.application_load import Start, Writes, in_tasks, in_threads

ENOUGH = 100


@pytest.fixture(params=[in_threads, in_tasks], ids=["threads", "asyncio"])
def start(request: pytest.FixtureRequest) -> Start:
    started: Start = request.param
    return started


@pytest.fixture
def written_cluster(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster with an empty table of notes; a primary that a test froze does not stay so."""
    make_notes(cluster)
    primary = cluster.members.node(Role.PRIMARY)
    yield cluster
    if cluster.members.node(Role.PRIMARY).name == primary.name:
        primary.kill()
        cluster.fail_over()


def _promote_beside_the_old_primary(cluster: Cluster) -> None:
    """Let the writer endpoint lead to the promoted standby for new connections, as DNS would; old ones stay."""
    standby = cluster.members.node(Role.STANDBY)
    with standby.session() as connection:
        standby.promote(connection)
    cluster.folders.writer_target.write_text(f"127.0.0.1:{standby.endpoint.port}", encoding="ascii")


def _assert_all_are_there_once(writes: Writes, cluster: Cluster) -> None:
    found = writes.applications(cluster)
    assert [key for key in writes.acknowledged if key not in found] == []
    assert [key for key, times in found.items() if times > 1] == []
    # Whatever is there was acknowledged, or said to be unknown.
    assert set(found) - {*writes.acknowledged, *writes.unknown} == set()
    assert writes.failures == []


def test_primary_killed_under_writes_loses_and_repeats_none(written_cluster: Cluster, start: Start) -> None:
    writes = Writes()

    with start(variables_of(written_cluster), writes) as events:
        writes.wait_for_further(ENOUGH)
        written_cluster.fail_over()
        writes.wait_for_further(ENOUGH)

    _assert_all_are_there_once(writes, written_cluster)
    assert events.counts[Event.FAILOVER_NOTICED] == 1


def test_writes_leave_a_frozen_primary_that_nobody_fences(written_cluster: Cluster, start: Start) -> None:
    writes = Writes()

    with start(variables_of(written_cluster), writes) as events:
        writes.wait_for_further(ENOUGH)
        freeze(written_cluster)
        _promote_beside_the_old_primary(written_cluster)
        writes.wait_for_further(ENOUGH)

    _assert_all_are_there_once(writes, written_cluster)
    # Its connections stay open and nothing ever comes: only the monitor's hand ended their wait.
    assert events.counts[Event.SERVER_SILENT] >= 1
