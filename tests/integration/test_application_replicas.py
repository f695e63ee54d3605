"""A replica that is lost costs no read: it is left out, and used again when it is well."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from langpont_db import ConnectionLostError, Database, Event
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from local.waiting import wait_until
from tests.integration.application import (
    DEADLINE_SECONDS,
    PLACE,
    count_notes,
    database_of,
    freeze,
    reads_from_replica,
    thaw,
    wait_for_replica,
    write_note,
)


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    with database_of(cluster) as database:
        write_note(database, "reader")
        yield database


def test_no_read_fails_when_the_replica_is_killed(cluster: Cluster, database: Database) -> None:
    replica = cluster.members.node(Role.REPLICA)
    count_notes(database, "reader")
    replica.kill()
    try:
        assert [count_notes(database, "reader") for _ in range(50)] == [1] * 50
        assert database.events.counts[Event.REPLICA_LEFT_OUT] >= 1
    finally:
        replica.start()

    wait_for_replica(database)


def test_no_read_fails_when_the_replica_is_frozen(cluster: Cluster, database: Database) -> None:
    frozen = freeze(cluster.members.node(Role.REPLICA))
    try:
        assert count_notes(database, "reader") == 1
        assert not reads_from_replica(database)
    finally:
        thaw(frozen)

    wait_for_replica(database)
    assert database.events.counts[Event.REPLICA_LEFT_OUT] >= 1


def test_replica_that_was_rebuilt_is_used_again(cluster: Cluster, database: Database) -> None:
    replica = cluster.members.node(Role.REPLICA)
    with replica.connect() as superuser:
        replica.promote(superuser)
    wait_until(
        "the promoted replica to be left out",
        lambda: not reads_from_replica(database),
        deadline_seconds=DEADLINE_SECONDS,
    )

    cluster.ensure_replica_follows()

    wait_for_replica(database)
    assert count_notes(database, "reader") == 1


def test_read_transaction_in_flight_says_that_it_was_lost(cluster: Cluster, database: Database) -> None:
    replica = cluster.members.node(Role.REPLICA)
    with database.get_read_session() as session:
        assert session.scalar(PLACE) is True
        replica.kill()
        try:
            with pytest.raises(ConnectionLostError):
                session.scalar(PLACE)

            session.rollback()
            assert session.scalar(PLACE) is False
        finally:
            replica.start()


def test_statement_that_is_wrong_is_not_repeated(database: Database) -> None:
    with database.get_read_session() as session, pytest.raises(Exception, match="division by zero"):
        session.scalar(text("SELECT 1 / 0"))

    assert Event.READ_REPEATED not in database.events.counts


def test_reads_go_on_while_the_primary_is_gone(cluster: Cluster, database: Database) -> None:
    wait_until("the note on the replica", lambda: count_notes(database, "reader"), deadline_seconds=DEADLINE_SECONDS)
    cluster.members.node(Role.PRIMARY).kill()
    try:
        assert [count_notes(database, "reader") for _ in range(50)] == [1] * 50
    finally:
        cluster.fail_over()
