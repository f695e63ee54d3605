"""A user reads what they wrote, whatever the replica has; others read what is at most as old as the bound."""

import time

from sqlalchemy import text

from langpont_db import Database, Event
from local.postgres.cluster import Cluster
from local.waiting import wait_until
from tests.integration.application import (
    COUNT,
    DEADLINE_SECONDS,
    INSERT,
    PLACE,
    count_notes,
    database_of,
    reads_from_replica,
    replay_delayed,
    replay_paused,
    wait_for_replica,
    write_note,
)


def _own_writes_seen(database: Database, times: int) -> int:
    seen = 0
    for number in range(times):
        with database.request():
            write_note(database, f"author {number}")
            seen += count_notes(database, f"author {number}")
    return seen


def test_user_reads_their_own_write_a_thousand_times_while_replay_is_paused(
    cluster: Cluster, database: Database
) -> None:
    with replay_paused(cluster):
        assert _own_writes_seen(database, 1000) == 1000


def test_user_reads_their_own_write_from_a_replica_that_is_behind(cluster: Cluster, database: Database) -> None:
    with replay_delayed(cluster, "2s"):
        assert _own_writes_seen(database, 300) == 300
        # To others it is good enough all the while: it is within the bound of 5 s.
        assert reads_from_replica(database)


def test_reader_outside_of_a_request_may_miss_what_was_just_written(cluster: Cluster, database: Database) -> None:
    with replay_delayed(cluster, "2s"):
        write_note(database, "somebody")

        assert count_notes(database, "somebody") == 0


def test_paused_replica_is_left_out_and_comes_back_by_itself(cluster: Cluster, database: Database) -> None:
    with replay_paused(cluster):
        wait_until(
            "the replica to be left out", lambda: not reads_from_replica(database), deadline_seconds=DEADLINE_SECONDS
        )

    wait_for_replica(database)
    assert min(database.events.counts[event] for event in (Event.REPLICA_LEFT_OUT, Event.REPLICA_BACK)) >= 1


def test_another_user_reads_what_is_no_older_than_the_bound(cluster: Cluster) -> None:
    with database_of(cluster, DATABASE_LAG_BOUND_SECONDS="1") as database, replay_delayed(cluster, "60s"):
        missed_after_seconds = []
        for number in range(40):
            write_note(database, f"author {number}")
            written_at = asked_at = time.monotonic()
            while not count_notes(database, f"author {number}"):
                missed_after_seconds.append(asked_at - written_at)
                asked_at = time.monotonic()

    # Whoever asked later than that after a commit got to see it.
    assert len(missed_after_seconds) > 0
    assert max(missed_after_seconds) <= 1


def test_read_waits_for_the_replica_where_that_is_asked_for(cluster: Cluster) -> None:
    with database_of(cluster, DATABASE_REPLICA_WAIT_SECONDS="10") as database:
        for _ in range(3):
            with database.request():
                write_note(database, "patient")

                assert reads_from_replica(database)


def test_position_travels_to_the_next_request_in_a_token(cluster: Cluster, database: Database) -> None:
    with replay_delayed(cluster, "2s"):
        with database.request() as first:
            write_note(database, "traveller")
        with database.request(first.token) as second:
            assert count_notes(database, "traveller") == 1

    assert second.token == first.token


def test_request_that_wrote_nothing_has_no_token(database: Database) -> None:
    with database.request() as request, database.get_write_session() as session:
        session.execute(text("SELECT 1"))

    assert request.token is None


def test_token_of_another_key_sends_reads_to_the_primary(cluster: Cluster, database: Database) -> None:
    with database_of(cluster, DATABASE_TOKEN_KEY="another key") as stranger, stranger.request() as request:
        write_note(stranger, "stranger")
    wait_for_replica(database)

    with database.request(request.token):
        assert not reads_from_replica(database)
    assert reads_from_replica(database)
    assert database.events.counts[Event.TOKEN_REJECTED] == 1


def test_later_read_of_the_writer_goes_to_the_replica_again(database: Database) -> None:
    with database.request():
        write_note(database, "writer")

        wait_for_replica(database)
        assert count_notes(database, "writer") == 1


def test_read_session_that_was_open_before_its_user_wrote_sees_it(cluster: Cluster, database: Database) -> None:
    with replay_delayed(cluster, "2s"), database.request(), database.get_read_session() as session:
        assert session.scalar(COUNT, {"author": "open"}) == 0
        write_note(database, "open")

        assert session.scalar(COUNT, {"author": "open"}) == 1


def test_block_and_connection_of_a_read_session_stay_where_they_are(cluster: Cluster, database: Database) -> None:
    with replay_delayed(cluster, "2s"), database.request():
        with database.get_read_session() as session, session.begin():
            assert session.scalar(PLACE) is True
            write_note(database, "block")
            assert session.scalar(PLACE) is True

        with database.get_session() as session:
            assert session.scalar(PLACE) is False


def test_routing_session_that_wrote_before_the_request_reads_its_write_in_it(
    cluster: Cluster, database: Database
) -> None:
    with replay_delayed(cluster, "2s"), database.get_session() as session:
        session.execute(INSERT, {"author": "before"})
        session.commit()

        with database.request():
            assert session.scalar(COUNT, {"author": "before"}) == 1
