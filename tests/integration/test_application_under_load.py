"""Servers are lost under an application's load: no read fails, no acknowledged write is lost, none is applied twice."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from langpont_db import Event
from local.postgres.cluster import Cluster
from local.postgres.node import Node
from local.postgres.recovery import Method
from local.postgres.topology import Role
from tests.integration.application import freeze, make_notes, thaw, variables_of
from tests.integration.application_load import Reads, Start, Writes, in_tasks, in_threads

ENOUGH = 50


@pytest.fixture(params=[in_threads, in_tasks], ids=["threads", "asyncio"])
def start(request: pytest.FixtureRequest) -> Start:
    started: Start = request.param
    return started


@pytest.fixture
def replica(cluster: Cluster) -> Iterator[Node]:
    """The replica, which runs again afterwards, however the test left it."""
    node = cluster.members.node(Role.REPLICA)
    yield node
    if not node.is_running():
        node.start()


@pytest.fixture
def written_cluster(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster with an empty table of notes, and no primary that hangs afterwards."""
    make_notes(cluster)
    primary = cluster.members.node(Role.PRIMARY)
    yield cluster
    if cluster.members.node(Role.PRIMARY).name == primary.name:
        primary.kill()
        cluster.fail_over()


@contextmanager
def _frozen(node: Node) -> Iterator[None]:
    processes = freeze(node)
    try:
        yield
    finally:
        thaw(processes)


def _promote_beside_the_old_primary(cluster: Cluster) -> None:
    """Let the writer endpoint lead new connections to the promoted standby, as DNS would; old ones stay."""
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


def test_no_read_fails_when_the_replica_is_killed(cluster: Cluster, replica: Node, start: Start) -> None:
    reads = Reads()

    with start(variables_of(cluster), reads):
        reads.wait_for_further(ENOUGH, from_replica=True)
        replica.kill()
        reads.wait_for_further(ENOUGH, from_replica=False)
        replica.start()
        reads.wait_for_further(ENOUGH, from_replica=True)

    assert reads.failures == []


def test_no_read_fails_when_the_replica_freezes(cluster: Cluster, replica: Node, start: Start) -> None:
    reads = Reads()

    with start(variables_of(cluster), reads) as events:
        reads.wait_for_further(ENOUGH, from_replica=True)
        with _frozen(replica):
            reads.wait_for_further(ENOUGH, from_replica=False)
        reads.wait_for_further(ENOUGH, from_replica=True)

    assert reads.failures == []
    # Nobody else would have ended the wait of those that it had not answered.
    assert events.counts[Event.SERVER_SILENT] >= 1


def test_no_read_fails_while_the_replica_is_rebuilt(cluster: Cluster, replica: Node, start: Start) -> None:
    reads = Reads()

    with start(variables_of(cluster), reads):
        reads.wait_for_further(ENOUGH, from_replica=True)
        replica.stop()
        rebuilt = cluster.ensure_replica_follows()
        reads.wait_for_further(ENOUGH, from_replica=True)

    assert rebuilt.method is Method.COPY
    assert reads.failures == []
    assert False in reads.places


def test_no_write_is_lost_or_repeated_when_the_primary_is_killed(written_cluster: Cluster, start: Start) -> None:
    writes = Writes()

    with start(variables_of(written_cluster), writes) as events:
        writes.wait_for_further(ENOUGH)
        written_cluster.fail_over()
        writes.wait_for_further(ENOUGH)

    _assert_all_are_there_once(writes, written_cluster)
    assert events.counts[Event.FAILOVER_NOTICED] == 1


def test_no_write_is_lost_or_repeated_when_the_primary_freezes(written_cluster: Cluster, start: Start) -> None:
    writes = Writes()

    with start(variables_of(written_cluster), writes) as events:
        writes.wait_for_further(ENOUGH)
        freeze(written_cluster.members.node(Role.PRIMARY))
        _promote_beside_the_old_primary(written_cluster)
        writes.wait_for_further(ENOUGH)

    _assert_all_are_there_once(writes, written_cluster)
    # Nobody fenced it: its connections stay open, nothing ever comes, and the package itself ended their wait.
    assert events.counts[Event.SERVER_SILENT] >= 1
