"""A replica may go whenever it likes: reads go on elsewhere, none fails, and it is used again once it is back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from langpont_db import ConnectionLostError, Event
from langpont_db.events import Events
from local.drill.losses import freeze_node, thaw_node
from local.postgres.cluster import Cluster
from local.postgres.node import Node
from local.postgres.recovery import Method
from local.postgres.topology import Role
from tests.integration.application import PLACE, database_of, reads_from_replica, variables_of
from tests.integration.application_load import Reads, Start, in_tasks, in_threads

ENOUGH = 50


@pytest.fixture
def replica(cluster: Cluster) -> Iterator[Node]:
    """The replica, which runs again afterwards, however the test left it."""
    node = cluster.members.node(Role.REPLICA)
    yield node
    if node.is_running():
        thaw_node(node)
    else:
        node.start()


@pytest.fixture(params=[in_threads, in_tasks], ids=["threads", "asyncio"])
def start(request: pytest.FixtureRequest) -> Start:
    started: Start = request.param
    return started


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
        freeze_node(replica)
        reads.wait_for_further(ENOUGH, from_replica=False)
        thaw_node(replica)
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


def test_read_transaction_in_flight_ends_with_the_announced_error(cluster: Cluster, replica: Node) -> None:
    with database_of(cluster) as database, database.get_read_session() as session:
        assert session.scalar(PLACE) is True
        replica.kill()

        with pytest.raises(ConnectionLostError, match=r"^the connection to \S+ was lost"):
            session.scalar(text("SELECT 1"))
        session.rollback()
        assert session.scalar(PLACE) is False


def test_every_replica_gone_leaves_the_primary(cluster: Cluster, replica: Node) -> None:
    with database_of(cluster) as database:
        replica.kill()

        assert not reads_from_replica(database)
        assert _repetitions(database.events) <= 1


def _repetitions(events: Events) -> int:
    return events.counts.get(Event.READ_REPEATED, 0)
