"""The runbooks' SQL is pasted at three in the morning: each statement runs here as the master user on PostgreSQL 16.

Where a runbook says that an answer shows something, that something is made to happen, and the answer has to show it.
"""

from contextlib import ExitStack
from typing import cast

import psycopg
import pytest

from local.errors import LocalError
from local.postgres.cluster import Cluster
from local.waiting import wait_until
from tests.runbook_scene import WORDS, Row, Scene
from tests.runbooks import SqlBlock, alarms, sql_block, sql_blocks

ACTS = ("ANALYZE", "VACUUM", "ALTER TABLE", "ALTER ROLE", "CREATE INDEX", "DROP INDEX")
QUESTIONS = [block for block in sql_blocks() if not block.statement.startswith(ACTS) and not block.placeholders]

SORT = "DECLARE large CURSOR FOR SELECT n FROM generate_series(1, 300000) AS n ORDER BY n DESC"
SPILL = f"SET LOCAL work_mem = '64kB'; {SORT}; FETCH 1 FROM large"


@pytest.fixture(scope="module")
def scene(created_cluster: Cluster) -> Scene:
    created_cluster.rebuild_standby()
    created_cluster.ensure_replica_follows()
    return Scene(created_cluster)


def ask(scene: Scene, runbook: str, title: str, **values: object) -> list[Row]:
    """Return the answer to a runbook's question."""
    return scene.run(sql_block(runbook, title), **values)[1]


def row_with(rows: list[Row], **expected: object) -> Row:
    """Return the only row with these values."""
    (found,) = [row for row in rows if expected.items() <= row.items()]
    return found


@pytest.mark.parametrize("block", sql_blocks(), ids=str)
def test_statement_runs_as_the_master_user(scene: Scene, block: SqlBlock) -> None:
    with scene.prepared(block) as values, scene.connect(replica=block.is_for_the_replica) as person:
        cursor = person.execute(block.filled(values))

        assert cursor.description or (cursor.statusmessage or "").startswith(ACTS)


@pytest.mark.parametrize("replica", [False, True], ids=["primary", "replica"])
def test_no_answer_shows_what_users_wrote(scene: Scene, *, replica: bool) -> None:
    questions = [block for block in QUESTIONS if block.is_for_the_replica == replica]
    with ExitStack() as stack:
        stack.enter_context(scene.sleeping(replica=replica))
        if not replica:
            lock = f"SELECT pg_advisory_xact_lock(7), '{WORDS}'"
            stack.enter_context(scene.idle_in_transaction(f"{SPILL}; {lock}, pg_current_xact_id()"))
            stack.enter_context(scene.waiting(lock))

        telling = [str(block) for block in questions if WORDS in repr(scene.run(block))]

    assert questions
    assert telling == []


def test_alarms_that_replicas_have_are_diagnosed_on_a_replica_too(scene: Scene) -> None:
    stems = {alarm["stem"] for alarm in alarms() if alarm["applies_to"] == "each"}
    questions = [block for block in QUESTIONS if block.runbook in stems]

    with scene.connect(replica=True) as person:
        for block in questions:
            assert person.execute(block.filled({})).description, str(block)

    assert {block.runbook for block in questions} == stems


def test_master_user_is_no_superuser(scene: Scene) -> None:
    with scene.connect() as person:
        assert person.execute("SHOW is_superuser").fetchone() == ("off",)


def test_what_runs_now_is_shown_without_its_values(scene: Scene) -> None:
    with scene.sleeping() as known, scene.busy(f"SELECT pg_sleep(600), '{WORDS}', 1 AS never_finished") as new:
        rows = ask(scene, "rds-cpu-high", "what runs now, the longest first")

    assert row_with(rows, pid=known, waits_for="PgSleep")["statement"] == "SELECT pg_sleep($1) WHERE $2 <> $3"
    assert row_with(rows, pid=new)["statement"] == "SELECT"


def test_statements_are_listed_by_their_time_and_normalised(scene: Scene) -> None:
    with scene.superuser() as superuser, scene.connect() as person:
        superuser.execute("SELECT pg_stat_statements_reset()")
        for _ in range(3):
            person.execute(f"SELECT pg_sleep(0.2), '{WORDS}'")

        first = ask(scene, "rds-cpu-high", "statements by the time they took")[0]

    assert (first["calls"], first["statement"]) == (3, "SELECT pg_sleep($1), $2")


def test_statements_are_listed_by_the_log_they_write(scene: Scene) -> None:
    with scene.superuser() as superuser, scene.table():
        superuser.execute("SELECT pg_stat_statements_reset()")
        scene.add_rows(2000)

        first = ask(scene, "write-latency-high", "statements by the transaction log that they write")[0]

    assert first["calls"] == 1
    assert str(first["statement"]).startswith("INSERT INTO runbook.articles SELECT n, n / $")


def test_table_read_from_end_to_end_is_found(scene: Scene) -> None:
    with scene.table(rows=12_000) as table, scene.connect() as person:
        person.execute("ANALYZE runbook.articles")
        for _ in range(40):
            person.execute("SELECT count(*) FROM runbook.articles WHERE body = 'y'")
        person.execute("SELECT pg_stat_force_next_flush()")

        row = row_with(ask(scene, "rds-cpu-high", "tables read from end to end"), table_name=table)

    assert cast("int", row["seq_scan"]) >= 40
    assert cast("int", row["rows_per_scan"]) > 10_000


def test_connections_are_counted_by_user_application_and_state(scene: Scene) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(scene.connect(application="idler"))
        stack.enter_context(scene.idle_in_transaction(application="idler"))
        used = ask(scene, "connections-high", "used connections and the limit")[0]

        rows = ask(scene, "connections-high", "connections by user, application and state")

    counts = {row["state"]: row["connections"] for row in rows if row["application"] == "idler"}
    assert counts == {"idle": 3, "idle in transaction": 1}
    assert cast("int", used["used"]) >= 5
    assert (used["maximum"], used["reserved"]) == (300, 3)


def test_transaction_left_open_is_found_and_ended(scene: Scene) -> None:
    with scene.idle_in_transaction(f"SELECT '{WORDS}'") as pid:
        row = row_with(ask(scene, "connections-high", "transactions left open"), pid=pid)

        ask(scene, "connections-high", "end one connection", pid=pid)

        assert (row["application"], row["last_statement"]) == ("leak", "SELECT $1")
        scene.wait_for("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = %s)", pid)


def test_only_one_users_long_idle_connections_are_ended(scene: Scene) -> None:
    block = sql_block("connections-high", "end the idle connections of one user")
    hurried = SqlBlock(block.runbook, block.text.replace("10 minutes", "0 minutes"))
    with scene.role() as role, scene.log_in(role), scene.log_in(role), scene.log_in(role) as working:
        working.execute("BEGIN")
        kept = scene.run(block, role=role)[1]
        ended = scene.run(hurried, role=role)[1]

    assert (kept, ended) == ([{"ended": 0}], [{"ended": 2}])


def test_limit_of_one_user_refuses_the_next_connection(scene: Scene) -> None:
    block = sql_block("connections-high", "limit one user")
    small = SqlBlock(block.runbook, block.text.replace("200", "1"))
    with scene.role() as role:
        scene.run(small, role=role)

        with scene.log_in(role), pytest.raises(LocalError, match="too many connections"), scene.log_in(role):
            pass


def test_who_blocks_whom_names_the_root_and_ending_it_frees_the_others(scene: Scene) -> None:
    with scene.table(), ExitStack() as stack:
        lock = "LOCK TABLE runbook.articles IN EXCLUSIVE MODE"
        root = stack.enter_context(scene.idle_in_transaction(lock))
        first = stack.enter_context(scene.waiting(f"BEGIN; {lock}; SELECT pg_sleep(600)"))
        second = stack.enter_context(scene.waiting("DELETE FROM runbook.articles WHERE title = 'title 1'"))

        rows = ask(scene, "db-load-high", "who blocks whom")
        locks = ask(scene, "db-load-high", "locks that somebody waits for")
        ask(scene, "db-load-high", "end one connection", pid=root)

        found = {(row["blocker_pid"], row["blocked_pid"], row["is_root"]) for row in rows}
        assert found == {(root, first, True), (root, second, True), (first, second, False)}
        assert {row["what"] for row in locks} == {"runbook.articles"}
        scene.wait_for("SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'", first)


def test_overload_says_what_it_is_made_of(scene: Scene) -> None:
    update = "UPDATE runbook.articles SET title = 'new' WHERE id = 1"
    with scene.table(), scene.connect() as person, ExitStack() as stack:
        person.execute(update)
        stack.enter_context(scene.idle_in_transaction("DELETE FROM runbook.articles"))
        for _ in range(2):
            stack.enter_context(scene.waiting(update))
        answer = ask(scene, "database-overloaded", "what the load is made of")[0]
        statement = ask(scene, "database-overloaded", "statements by the sessions that run them now")[0]

        cancelled = ask(scene, "database-overloaded", "cancel one statement everywhere", query_id=statement["query_id"])

    assert (answer["waits_for_a_lock"], answer["left_open"]) == (2, 1)
    assert (statement["sessions"], cancelled) == (2, [{"cancelled": 2}])
    assert statement["statement"] == "UPDATE runbook.articles SET title = $1 WHERE id = $2"


def test_holder_of_the_oldest_transaction_is_named(scene: Scene) -> None:
    with scene.idle_in_transaction("SELECT pg_current_xact_id()") as pid:
        scene.use_transaction_ids(100)

        oldest = ask(scene, "transaction-ids-high", "who holds the oldest transaction")[0]

    assert (oldest["holder"], oldest["name"], oldest["state"]) == ("session", str(pid), "idle in transaction")
    assert cast("int", oldest["transaction_age"]) >= 100


def test_transaction_left_open_is_shown_with_what_it_locks(scene: Scene) -> None:
    lock = "LOCK TABLE runbook.articles IN ACCESS EXCLUSIVE MODE"
    with scene.table(), scene.idle_in_transaction(lock) as pid:
        row = row_with(ask(scene, "idle-in-transaction-long", "transactions left open and their locks"), pid=pid)

    assert (row["application"], row["has_written"], row["locks_tables"]) == ("leak", True, "AccessExclusiveLock")


def test_root_of_a_queue_and_what_the_queue_waits_for_are_named(scene: Scene) -> None:
    lock = "LOCK TABLE runbook.articles IN EXCLUSIVE MODE"
    with scene.table(), ExitStack() as stack:
        root = stack.enter_context(scene.idle_in_transaction(lock))
        for _ in range(2):
            stack.enter_context(scene.waiting(f"BEGIN; {lock}; SELECT pg_sleep(600)"))

        roots = ask(scene, "sessions-blocked", "sessions that others wait for and wait for nobody")
        queue = ask(scene, "sessions-blocked-critical", "what the queue waits for")

    assert [(row["pid"], row["waiting"]) for row in roots] == [(root, 2)]
    assert [(row["table_name"], row["mode"], row["waiting"]) for row in queue] == [
        ("runbook.articles", "ExclusiveLock", 2)
    ]


def test_slot_that_nobody_reads_is_shown_with_what_it_keeps(scene: Scene) -> None:
    with scene.slot() as slot:
        unread = ask(scene, "slot-inactive", "slots that nobody reads")
        kept = ask(scene, "slot-retained-critical", "how much is kept for each slot and until when")

    assert [row["slot_name"] for row in unread] == [slot]
    assert [row["slot_name"] for row in kept if not row["active"]] == [slot]


def test_sequence_that_is_nearly_used_up_comes_first_with_its_column(scene: Scene) -> None:
    with scene.table(), scene.connect() as person:
        person.execute("CREATE TABLE runbook.tickets (id smallint GENERATED ALWAYS AS IDENTITY)")
        person.execute("SELECT setval('runbook.tickets_id_seq', 30000)")

        first = ask(scene, "sequence-exhaustion", "sequences by how much is used up")[0]
        columns = ask(scene, "sequence-exhaustion", "columns that sequences fill")

    assert (first["sequence"], str(first["used_percent"])) == ("runbook.tickets_id_seq", "91.6")
    assert row_with(columns, sequence="runbook.tickets_id_seq")["column_name"] == "id"


def test_failed_analyses_are_shared_out_over_time(scene: Scene) -> None:
    insert = (
        "INSERT INTO monitoring.analysis_activity_log (created_at, analysis_engine, analysis_duration, error_occurred) "
        "SELECT now(), 'engine', 1, true FROM generate_series(1, 5000)"
    )
    with scene.connect() as person:
        person.execute(insert)
        newest = ask(scene, "error-rate-high", "failed analyses in steps of five minutes")[0]
        person.execute("DELETE FROM monitoring.analysis_activity_log WHERE analysis_engine = 'engine'")

    assert cast("int", newest["failed"]) >= 5000


def test_freezing_the_oldest_table_makes_it_young(scene: Scene) -> None:
    with scene.table() as table:
        scene.use_transaction_ids(100)
        scene.freeze_everything_but(table)
        before = ask(scene, "transaction-ids-high", "oldest tables")

        scene.run(sql_block("transaction-ids-high", "freeze one table"), table=table)

        after = ask(scene, "transaction-ids-high", "oldest tables")
    assert before[0]["table_name"] == table
    assert cast("int", before[0]["transaction_age"]) >= 100
    assert [row for row in after if row["table_name"] == table and cast("int", row["transaction_age"]) >= 100] == []


def test_vacuum_at_work_is_shown_and_so_is_who_stands_in_its_way(scene: Scene) -> None:
    with scene.table(rows=2000) as table, scene.vacuuming(table) as pid:
        row = row_with(ask(scene, "transaction-ids-high", "vacuums at work"), pid=pid)
        locks = ask(scene, "transaction-ids-critical", "who stands in the way of a vacuum", table=table)

    assert (row["table_name"], row["prevents_wraparound"]) == (table, False)
    assert [(lock["pid"], lock["mode"]) for lock in locks] == [(pid, "ShareUpdateExclusiveLock")]


def test_slot_that_keeps_log_is_shown_and_dropped(scene: Scene) -> None:
    with scene.slot() as slot, scene.table():
        scene.add_rows(3000)
        row = row_with(ask(scene, "replication-slot-lag-high", "slots and the log that each keeps"), slot_name=slot)

        ask(scene, "replication-slot-lag-high", "drop a slot for good", slot=slot)

        assert (row["active"], row["wal_status"]) == (False, "reserved")
        assert str(row["kept"]).endswith("MB") or int(str(row["kept"]).split()[0]) >= 4096
        assert ask(scene, "replication-slot-lag-high", "slots and the log that each keeps") == []


def test_largest_table_comes_first(scene: Scene) -> None:
    with scene.table(rows=12_000) as table:
        first = ask(scene, "storage-low", "largest tables")[0]

    assert first["table_name"] == table
    assert str(first["total"]).endswith("MB")


def test_writer_of_temporary_files_is_named(scene: Scene) -> None:
    with scene.idle_in_transaction(SPILL) as pid:
        row = row_with(ask(scene, "storage-low", "who writes temporary files"), pid=pid)
        sizes = ask(scene, "storage-low", "where the storage is")[0]

    assert str(row["temporary_files"]).endswith(("kB", "MB"))
    assert sizes["temporary_files"] == row["temporary_files"]


def test_index_of_a_failed_build_is_found_and_dropped(scene: Scene) -> None:
    with scene.table(), scene.connect() as person:
        with pytest.raises(psycopg.errors.UniqueViolation):
            person.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON runbook.articles (title)")
        row = row_with(ask(scene, "storage-low", "indexes that nobody uses"), index_name="runbook.broken")

        scene.run(sql_block("storage-low", "drop an index while work goes on"), index="runbook.broken")

        assert row["invalid"]
        assert person.execute("SELECT to_regclass('runbook.broken')").fetchone() == (None,)


def test_transaction_that_writes_is_named(scene: Scene) -> None:
    with scene.table(), scene.idle_in_transaction("DELETE FROM runbook.articles WHERE id = 1") as pid:
        row = row_with(ask(scene, "transaction-logs-large", "transactions that write"), pid=pid)

    assert row["statement"] == "DELETE FROM runbook.articles WHERE id = $1"


def test_replica_of_an_idle_primary_is_not_behind_although_its_lag_grows(scene: Scene) -> None:
    wait_until("the replica's lag to grow", lambda: counted_lag(scene) >= 2, deadline_seconds=20)
    answer = lag(scene)
    ask(scene, "replica-lag", "write one record into the log")

    assert (answer["not_applied"], answer["seconds_behind"], answer["receiver"]) == ("0 bytes", 0, "streaming")
    wait_until("the lag to end", lambda: counted_lag(scene) == 0, deadline_seconds=20)


def test_replica_that_applies_nothing_is_behind_on_both_sides(scene: Scene) -> None:
    with scene.table(), scene.paused_replica():
        scene.add_rows(2000)
        wait_until("the replica to lag", lambda: lag(scene)["not_applied"] != "0 bytes", deadline_seconds=20)

        behind = wait_until(
            "the primary to know",
            lambda: [row for row in ask(scene, "replica-bytes-behind", "what each replica lacks") if is_behind(row)],
            deadline_seconds=20,
        )

        assert lag(scene)["pause"] == "paused"
        assert [row["replica"] for row in behind] == ["replica_1"]


def test_query_that_holds_a_replica_up_is_found_and_ended(scene: Scene) -> None:
    with scene.sleeping(replica=True) as pid:
        row = row_with(ask(scene, "replica-behind", "queries that hold it up"), pid=pid)

        ask(scene, "replica-behind", "end one connection", pid=pid)

        gone = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = %s)"
        scene.wait_for(gone, pid, replica=True)
        assert row["statement"] == "SELECT pg_sleep($1) WHERE $2 <> $3"


def test_metrics_role_lacks_what_was_taken_from_it(scene: Scene) -> None:
    scene.set_up()
    with scene.connect() as person:
        whole = ask(scene, "metrics-silent", "what the metrics role may do")[0]
        person.execute("REVOKE SELECT ON translations.translation_history FROM langpont_metrics")
        try:
            poorer = ask(scene, "metrics-silent", "what the metrics role may do")[0]
        finally:
            person.execute("GRANT SELECT ON translations.translation_history TO langpont_metrics")

    assert set(whole.values()) == {"langpont_metrics", True}
    assert {name for name, value in poorer.items() if value is False} == {"reads_translations"}


def lag(scene: Scene) -> Row:
    """Return what the replica says of itself."""
    return ask(scene, "replica-behind", "how far it is behind")[0]


def counted_lag(scene: Scene) -> int:
    """Return the seconds that CloudWatch would show."""
    return int(cast("int", lag(scene)["as_replica_lag_counts"]))


def is_behind(row: Row) -> bool:
    """Tell whether the primary waits for a replica to apply what it has."""
    return str(row["not_applied"]) != "0 bytes" and row["replica"] == "replica_1"
