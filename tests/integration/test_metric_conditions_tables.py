"""Metrics of tables, indexes, sequences and the work of queries: each condition is made to happen."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from local.postgres.access import Connection
from rds_operations.adapters.postgres import PostgresDatabase
from tests.integration.clusters import ask
from tests.integration.conftest import PostgresServer
from tests.integration.measuring import (
    OWN_DATABASE,
    baseline,
    flush,
    growth,
    metrics_database_of,
    number,
    own_database,
    running,
    until,
    until_grown,
    value,
    values,
)

SCHEMA = "translations"
UNVACUUMED = "autovacuum_enabled = off"
EXHAUSTED = pytest.approx(100.0)


@pytest.fixture
def superuser(postgres_server: PostgresServer) -> Iterator[Connection]:
    with own_database(postgres_server) as connection:
        yield connection


@pytest.fixture
def database(superuser: Connection, postgres_server: PostgresServer) -> PostgresDatabase:
    return metrics_database_of(postgres_server, OWN_DATABASE)


def create_numbers(superuser: Connection, name: str, count: int, options: LiteralString = UNVACUUMED) -> None:
    table = sql.Identifier(SCHEMA, name)
    superuser.execute(sql.SQL("CREATE TABLE {} (id integer) WITH ({})").format(table, sql.SQL(options)))
    superuser.execute(sql.SQL("INSERT INTO {} SELECT generate_series(1, {})").format(table, count))
    flush(superuser)


def delete_numbers(superuser: Connection, name: str, count: int) -> None:
    superuser.execute(sql.SQL("DELETE FROM {} WHERE id <= {}").format(sql.Identifier(SCHEMA, name), count))
    flush(superuser)


def let_metrics_read(superuser: Connection, *sequences: str) -> None:
    for sequence in sequences:
        superuser.execute(f"GRANT SELECT ON SEQUENCE {SCHEMA}.{sequence} TO langpont_metrics")


def test_dead_rows_are_those_of_the_five_worst_tables(database: PostgresDatabase, superuser: Connection) -> None:
    for number_of_table in range(1, 7):
        create_numbers(superuser, f"condemned_{number_of_table}", 100)
        delete_numbers(superuser, f"condemned_{number_of_table}", 10 * number_of_table)

    worst = {f"table={SCHEMA}.condemned_{each}": 10.0 * each for each in (6, 5, 4, 3, 2)}
    until("the deletions to be known", lambda: values(database, "dead_rows") == worst)
    superuser.execute(f"VACUUM {SCHEMA}.condemned_6")
    flush(superuser)

    until("the vacuum to be known", lambda: f"table={SCHEMA}.condemned_6" not in values(database, "dead_rows"))


def test_tables_of_any_name_can_be_a_dimension(database: PostgresDatabase, superuser: Connection) -> None:
    for name in ("訳", "語", "Big Table"):
        create_numbers(superuser, name, 20)
        delete_numbers(superuser, name, 10)

    labels = {f'table={SCHEMA}."Big Table"', f'table={SCHEMA}."?"'}
    until("the deletions to be known", lambda: labels <= set(values(database, "dead_rows")))


def test_temporary_tables_are_left_to_their_sessions(database: PostgresDatabase, superuser: Connection) -> None:
    superuser.execute("CREATE TEMPORARY TABLE passing AS SELECT generate_series(1, 1000) AS id")
    superuser.execute("DELETE FROM passing")
    flush(superuser)
    create_numbers(superuser, "lasting", 20)
    delete_numbers(superuser, "lasting", 10)

    until("the deletions to be known", lambda: values(database, "dead_rows").get(f"table={SCHEMA}.lasting") == 10)
    assert all("passing" not in label for label in values(database, "dead_rows"))
    assert number(database, "tables_needing_vacuum") == 0


def test_tables_needing_vacuum_are_judged_by_their_own_limits(
    database: PostgresDatabase, superuser: Connection
) -> None:
    create_numbers(superuser, "left_alone", 100)
    create_numbers(superuser, "patient", 100, f"{UNVACUUMED}, autovacuum_vacuum_threshold = 1000")
    assert number(database, "tables_needing_vacuum") == 0

    delete_numbers(superuser, "left_alone", 90)
    delete_numbers(superuser, "patient", 90)
    until("one table to need vacuum", lambda: number(database, "tables_needing_vacuum") == 1)
    superuser.execute(f"VACUUM {SCHEMA}.left_alone")
    flush(superuser)

    until("no table to need vacuum", lambda: number(database, "tables_needing_vacuum") == 0)


def test_table_that_only_grows_needs_vacuum_too(database: PostgresDatabase, superuser: Connection) -> None:
    create_numbers(superuser, "grown", 1100)
    create_numbers(superuser, "allowed", 1100, f"{UNVACUUMED}, autovacuum_vacuum_insert_threshold = -1")

    until("one table to need vacuum", lambda: number(database, "tables_needing_vacuum") == 1)


def test_table_too_old_needs_vacuum_too(database: PostgresDatabase, superuser: Connection) -> None:
    superuser.execute(f"CREATE TABLE {SCHEMA}.old (id integer) WITH ({UNVACUUMED}, autovacuum_freeze_max_age = 100000)")
    assert number(database, "tables_needing_vacuum") == 0

    # A hundred thousand transactions take too long to make: the catalogue is made to say so.
    superuser.execute(
        "UPDATE pg_class SET relfrozenxid = ((pg_current_xact_id()::text::bigint + (1::bigint << 32) - 100001)"
        " % (1::bigint << 32))::text::xid WHERE relname = 'old'"
    )

    assert number(database, "tables_needing_vacuum") == 1


def test_index_that_failed_to_be_built_is_invalid(database: PostgresDatabase, superuser: Connection) -> None:
    create_numbers(superuser, "twice", 2)
    superuser.execute("UPDATE translations.twice SET id = 1")
    superuser.execute(f"CREATE TABLE {SCHEMA}.parted (id integer) PARTITION BY RANGE (id)")
    superuser.execute(f"CREATE INDEX of_no_partition ON ONLY {SCHEMA}.parted (id)")
    superuser.execute(f"CREATE TABLE {SCHEMA}.part PARTITION OF {SCHEMA}.parted FOR VALUES FROM (1) TO (2)")
    superuser.execute(f"CREATE INDEX of_one_that_waits ON ONLY {SCHEMA}.parted (id)")
    assert ask(superuser, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1
    assert number(database, "invalid_indexes") == 0

    with pytest.raises(psycopg.errors.UniqueViolation):
        superuser.execute(f"CREATE UNIQUE INDEX CONCURRENTLY never_unique ON {SCHEMA}.twice (id)")

    assert number(database, "invalid_indexes") == 1
    superuser.execute(f"DROP INDEX {SCHEMA}.never_unique")
    assert number(database, "invalid_indexes") == 0


def test_index_that_is_being_built_is_not_invalid(
    database: PostgresDatabase, superuser: Connection, postgres_server: PostgresServer
) -> None:
    create_numbers(superuser, "busy", 2)
    invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"

    with (
        postgres_server.connect_as_superuser(OWN_DATABASE) as writer,
        postgres_server.connect_as_superuser(OWN_DATABASE) as builder,
    ):
        writer.execute("BEGIN")
        writer.execute("DELETE FROM translations.busy")
        with running(builder, f"CREATE INDEX CONCURRENTLY slow ON {SCHEMA}.busy (id)"):
            until("the index to be begun", lambda: ask(superuser, invalid) == 1)
            during = number(database, "invalid_indexes")
        writer.execute("ROLLBACK")

    assert during == 0
    assert number(database, "invalid_indexes") == 1


def test_exhausted_sequence_is_at_hundred_per_cent(database: PostgresDatabase, superuser: Connection) -> None:
    superuser.execute(f"CREATE SEQUENCE {SCHEMA}.tickets AS smallint")
    superuser.execute(f"CREATE SEQUENCE {SCHEMA}.countdown AS smallint INCREMENT -1 MINVALUE -101 MAXVALUE -1")
    superuser.execute(f"CREATE SEQUENCE {SCHEMA}.round AS smallint CYCLE")
    superuser.execute(f"CREATE SEQUENCE {SCHEMA}.unreadable AS smallint")
    for sequence, last in [("tickets", 1), ("countdown", -26), ("round", 32767), ("unreadable", 32767)]:
        superuser.execute(f"SELECT setval('{SCHEMA}.{sequence}', {last})")
    let_metrics_read(superuser, "tickets", "countdown", "round")
    before, fullest = values(database, "sequence_used_percent"), number(database, "fullest_key_percent")

    superuser.execute(f"SELECT setval('{SCHEMA}.tickets', 32767)")

    assert fullest == 25
    assert before.items() >= {f"sequence={SCHEMA}.countdown": 25, f"sequence={SCHEMA}.tickets": 0}.items()
    assert number(database, "fullest_key_percent") == EXHAUSTED
    assert values(database, "sequence_used_percent")[f"sequence={SCHEMA}.tickets"] == EXHAUSTED
    with pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded):
        superuser.execute(f"SELECT nextval('{SCHEMA}.tickets')")


def test_integer_key_is_exhausted_before_its_sequence(database: PostgresDatabase, superuser: Connection) -> None:
    superuser.execute(f"CREATE SEQUENCE {SCHEMA}.order_numbers")
    superuser.execute(f"CREATE TABLE {SCHEMA}.orders (id integer DEFAULT nextval('{SCHEMA}.order_numbers'), word text)")
    superuser.execute(f"CREATE TABLE {SCHEMA}.kinds (id smallint GENERATED ALWAYS AS IDENTITY, word text)")
    superuser.execute(f"CREATE TABLE {SCHEMA}.unknown (id smallserial)")
    superuser.execute(f"SELECT nextval('{SCHEMA}.order_numbers'), setval('{SCHEMA}.kinds_id_seq', 16384)")
    superuser.execute(f"SELECT setval('{SCHEMA}.unknown_id_seq', 32767)")
    let_metrics_read(superuser, "order_numbers", "kinds_id_seq")
    before, fullest = values(database, "integer_key_used_percent"), number(database, "fullest_key_percent")

    superuser.execute(f"SELECT setval('{SCHEMA}.order_numbers', 2147483647)")

    assert before[f"key={SCHEMA}.kinds.id"] == pytest.approx(50.0, abs=0.01)
    assert before[f"key={SCHEMA}.orders.id"] == pytest.approx(0.0, abs=0.01)
    assert f"key={SCHEMA}.unknown.id" not in before
    assert fullest == pytest.approx(50.0, abs=0.01)
    assert number(database, "fullest_key_percent") == EXHAUSTED
    assert values(database, "integer_key_used_percent")[f"key={SCHEMA}.orders.id"] == EXHAUSTED
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        superuser.execute("INSERT INTO translations.orders (word) VALUES ('one too many')")
    assert values(database, "sequence_used_percent")[f"sequence={SCHEMA}.order_numbers"] == pytest.approx(0.0, abs=0.01)


def test_sort_beyond_work_mem_writes_temporary_bytes(database: PostgresDatabase, superuser: Connection) -> None:
    sort = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 100000) AS n ORDER BY -n) AS sorted"
    before = baseline(database, "temp_bytes")
    superuser.execute("SET work_mem = '64MB'")
    superuser.execute(sort.encode())
    flush(superuser)
    assert growth(database, "temp_bytes", before) == 0

    superuser.execute("SET work_mem = '64kB'")
    superuser.execute(sort.encode())
    flush(superuser)

    until_grown(database, "temp_bytes", before, at_least=500_000)


@pytest.mark.parametrize(
    "name", ["cache_hit_percent", "deadlocks", "recovery_conflicts", "rollback_percent", "temp_bytes"]
)
def test_statistics_that_were_reset_are_a_new_baseline(
    name: str, database: PostgresDatabase, superuser: Connection
) -> None:
    before = baseline(database, name)
    flush(superuser)

    superuser.execute("SELECT pg_stat_reset()")

    assert growth(database, name, before) is None
    since = baseline(database, name)
    superuser.execute("SELECT count(*) FROM pg_class")
    flush(superuser)
    until("the work after the reset to count", lambda: growth(database, name, since) is not None)


def test_nothing_readable_is_no_data(database: PostgresDatabase, superuser: Connection) -> None:
    superuser.execute(
        "REVOKE SELECT ON ALL SEQUENCES IN SCHEMA analytics, monitoring, translations FROM langpont_metrics"
    )

    assert values(database, "sequence_used_percent") == {}
    assert values(database, "integer_key_used_percent") == {}
    assert value(database, "fullest_key_percent") is None
