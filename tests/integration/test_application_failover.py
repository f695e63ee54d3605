"""A lost primary costs a moment: what can be done again is, what nobody knows is said, nothing is applied twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from langpont_db import (
    ConnectionLostError,
    Database,
    Event,
    PoolExhaustedError,
    RetriesExhaustedError,
    TransactionOutcomeUnknown,
)
from local.drill.losses import hold_back_standby
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from local.waiting import wait_until
from tests.integration.application import (
    DEADLINE_SECONDS,
    INSERT,
    NOTES,
    commit_under_way,
    count_notes,
    database_of,
    freeze,
    reads_from_replica,
    wait_for_replica,
    write_note,
    write_note_persistently,
)
from tests.integration.clusters import ask, connect


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def _write_that_waits(cluster: Cluster, database: Database, aside: ThreadPoolExecutor) -> Future[None]:
    """Return a write whose commit waits for a standby that gets nothing."""
    hold_back_standby(cluster)
    write = aside.submit(write_note, database, "waiting")
    wait_until("the commit to wait", lambda: commit_under_way(cluster), deadline_seconds=DEADLINE_SECONDS)
    return write


def _notes(cluster: Cluster, author: str) -> object:
    with cluster.connect_as_superuser("langpont") as superuser:
        return ask(superuser, f"SELECT count(*) FROM {NOTES} WHERE author = '{author}'")  # noqa: S608 (the test's own)


def test_transaction_that_met_a_failover_is_done_again_and_applied_once(cluster: Cluster, database: Database) -> None:
    attempts = []

    def work(session: Session) -> int:
        attempts.append(session.execute(INSERT, {"author": "persistent"}).scalar_one())
        if len(attempts) == 1:
            cluster.fail_over()
        return len(attempts)

    assert database.run_in_transaction(work) == len(attempts) >= 2
    assert _notes(cluster, "persistent") == 1


def test_commit_that_met_a_failover_is_not_repeated_but_said_to_be_unknown(
    cluster: Cluster, database: Database, aside: ThreadPoolExecutor
) -> None:
    write = _write_that_waits(cluster, database, aside)

    cluster.fail_over()

    with pytest.raises(TransactionOutcomeUnknown, match="may or may not have been done"):
        write.result(DEADLINE_SECONDS)
    assert database.events.counts[Event.OUTCOME_UNKNOWN] == 1
    write_note(database, "afterwards")


def test_request_of_an_unknown_commit_looks_on_the_primary(
    cluster: Cluster, database: Database, aside: ThreadPoolExecutor
) -> None:
    is_over = threading.Event()

    def look_after_an_unknown_commit() -> bool:
        with database.request():
            with pytest.raises(TransactionOutcomeUnknown):
                write_note(database, "waiting")
            is_over.wait(DEADLINE_SECONDS)
            return reads_from_replica(database)

    hold_back_standby(cluster)
    looked = aside.submit(look_after_an_unknown_commit)
    wait_until("the commit to wait", lambda: commit_under_way(cluster), deadline_seconds=DEADLINE_SECONDS)
    cluster.fail_over()
    cluster.ensure_replica_follows()
    wait_for_replica(database)
    is_over.set()

    assert looked.result(DEADLINE_SECONDS) is False


def test_commit_whose_wait_for_the_standby_was_cancelled_is_unknown(
    cluster: Cluster, database: Database, aside: ThreadPoolExecutor
) -> None:
    write = _write_that_waits(cluster, database, aside)

    # The server answers COMMIT with success and a warning.
    with cluster.connect_as_superuser() as superuser:
        superuser.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")

    with pytest.raises(TransactionOutcomeUnknown, match="canceling wait for synchronous replication"):
        write.result(DEADLINE_SECONDS)
    cluster.fail_over()


def test_transaction_that_was_ended_before_its_commit_is_known_to_be_lost(cluster: Cluster, database: Database) -> None:
    session = database.get_write_session()
    session.execute(INSERT, {"author": "ended"})
    pid = session.scalar(text("SELECT pg_backend_pid()"))
    with cluster.connect_as_superuser() as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with pytest.raises(ConnectionLostError):
        session.commit()

    session.close()
    assert _notes(cluster, "ended") == 0


@contextmanager
def _writes_refused(cluster: Cluster) -> Iterator[None]:
    """Let the primary refuse writes, as one whose place another has taken does."""
    with cluster.connect_as_superuser() as superuser:
        superuser.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        superuser.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            superuser.execute("ALTER SYSTEM RESET default_transaction_read_only")
            superuser.execute("SELECT pg_reload_conf()")


def _is_refused(database: Database) -> bool:
    try:
        write_note(database, "stale")
    except ConnectionLostError as error:
        return "takes no writes" in str(error)
    return False


def test_stale_writer_is_dropped_with_its_whole_pool(cluster: Cluster, database: Database) -> None:
    with database.get_write_session() as other:
        pid = other.scalar(text("SELECT pg_backend_pid()"))

    with _writes_refused(cluster):
        wait_until("a refusal", lambda: _is_refused(database), deadline_seconds=DEADLINE_SECONDS)

    write_note_persistently(database, "fresh")
    with database.get_write_session() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != pid
    assert database.events.counts[Event.POOL_DROPPED] >= 1


@pytest.mark.parametrize(
    "statement",
    [
        "SET TRANSACTION READ ONLY",
        "DO $$ BEGIN RAISE EXCEPTION 'another server is gone' USING ERRCODE = '08001'; END $$",
    ],
)
def test_refusal_of_a_server_that_is_well_drops_no_pool(database: Database, statement: str) -> None:
    attempts = []

    def work(session: Session) -> None:
        attempts.append(session)
        session.execute(text(statement))
        session.execute(INSERT, {"author": "refused"})

    with pytest.raises(DBAPIError):
        database.run_in_transaction(work)

    assert len(attempts) == 1
    assert Event.POOL_DROPPED not in database.events.counts


def test_frozen_primary_lets_go_of_a_thread_and_writes_go_on_after_the_failover(
    cluster: Cluster, database: Database, aside: ThreadPoolExecutor
) -> None:
    with database.get_write_session() as session:
        session.execute(text("SELECT 1"))
        freeze(cluster.members.node(Role.PRIMARY))
        statement = aside.submit(session.execute, INSERT, {"author": "stuck"})
        with pytest.raises(ConnectionLostError):
            statement.result(DEADLINE_SECONDS)
        session.rollback()

    cluster.fail_over()

    write_note_persistently(database, "free")
    assert database.events.counts[Event.SERVER_SILENT] >= 1
    assert _notes(cluster, "free") == 1


def test_failover_is_noticed_and_the_replica_used_again(cluster: Cluster, database: Database) -> None:
    cluster.fail_over()

    write_note_persistently(database, "first")
    wait_until(
        "the failover to be noticed",
        lambda: Event.FAILOVER_NOTICED in database.events.counts,
        deadline_seconds=DEADLINE_SECONDS,
    )
    wait_for_replica(database)

    counts = database.events.counts
    assert counts[Event.FAILOVER_NOTICED] == 1
    assert min(counts[event] for event in (Event.PRIMARY_LOST, Event.PRIMARY_BACK)) >= 1


def test_replica_that_went_another_way_is_not_trusted_until_it_is_copied_anew(
    cluster: Cluster, database: Database, aside: ThreadPoolExecutor
) -> None:
    # The replica gets what the standby does not: it cannot follow who is promoted, and is ahead of it.
    write = _write_that_waits(cluster, database, aside)
    with cluster.members.node(Role.REPLICA).connect("langpont") as replica:
        wait_until(
            "the lost write to be on the replica",
            lambda: ask(replica, f"SELECT count(*) > 0 FROM {NOTES} WHERE author = 'waiting'"),  # noqa: S608
            deadline_seconds=DEADLINE_SECONDS,
        )
    cluster.fail_over()
    assert isinstance(write.exception(DEADLINE_SECONDS), TransactionOutcomeUnknown)

    seen = 0
    for number in range(100):
        with database.request():
            write_note_persistently(database, f"own {number}")
            seen += count_notes(database, f"own {number}")

    assert seen == 100
    assert not reads_from_replica(database)
    cluster.ensure_replica_follows()
    wait_for_replica(database)
    assert count_notes(database, "waiting") == 0


def test_serialization_failure_is_done_again(cluster: Cluster, database: Database) -> None:
    write_note(database, "counter")
    attempts = []

    def work(session: Session) -> None:
        attempts.append(session.connection(execution_options={"isolation_level": "REPEATABLE READ"}))
        session.execute(text("SELECT * FROM public.application_notes"))
        if len(attempts) == 1:
            with connect(cluster) as other:
                other.execute("UPDATE public.application_notes SET author = 'other'")
        session.execute(text("UPDATE public.application_notes SET author = 'own'"))

    database.run_in_transaction(work)

    assert len(attempts) == 2
    assert _notes(cluster, "own") == 1


def test_what_the_server_refuses_for_a_reason_is_not_done_again(database: Database) -> None:
    attempts = []

    def work(session: Session) -> None:
        attempts.append(1)
        session.execute(text("INSERT INTO public.application_notes (id) OVERRIDING SYSTEM VALUE VALUES (NULL)"))

    with pytest.raises(IntegrityError):
        database.run_in_transaction(work)

    assert len(attempts) == 1


def test_transaction_is_given_up_at_its_deadline(cluster: Cluster, database: Database) -> None:
    cluster.members.node(Role.PRIMARY).kill()

    with pytest.raises(RetriesExhaustedError, match=r"gave up after [0-9]+ attempts in .* s: .* cannot be reached"):
        database.run_in_transaction(lambda session: session.scalar(text("SELECT 1")), deadline_seconds=0.5)

    assert database.events.counts[Event.RETRIES_EXHAUSTED] == 1
    cluster.fail_over()


def test_exhausted_pool_is_an_event_and_an_error_with_its_name(cluster: Cluster) -> None:
    pool = {
        "DATABASE_PRIMARY_POOL_SIZE": "1",
        "DATABASE_PRIMARY_MAX_OVERFLOW": "0",
        "DATABASE_POOL_TIMEOUT_SECONDS": "0.1",
    }

    with database_of(cluster, **pool) as database, database.get_write_session() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(PoolExhaustedError), database.get_write_session() as second:
            second.execute(text("SELECT 1"))

    assert database.events.counts[Event.POOL_EXHAUSTED] == 1


def test_threads_share_a_database_without_mixing_their_writes(database: Database) -> None:
    wrong = []

    def use(number: int) -> None:
        for turn in range(20):
            with database.request():
                write_note(database, f"thread {number}-{turn}")
                if count_notes(database, f"thread {number}-{turn}") != 1:
                    wrong.append((number, turn))

    threads = [threading.Thread(target=use, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
