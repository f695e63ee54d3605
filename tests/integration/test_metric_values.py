"""What the metric queries count, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.postgres.access import Connection
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.domain.metric_queries import Node
from rds_operations.domain.query_errors import QueryFailedError
from tests.integration.conftest import PostgresServer
from tests.integration.measuring import (
    APPLICATION_NAME,
    OWN_DATABASE,
    QUERIES,
    metrics_database_of,
    own_database,
    value,
    values,
)

OF_THE_TABLES = {"active_users_24h", "avg_translation_time", "error_rate_1h"}
NOTHING_TO_MEASURE = {
    *("dead_rows", "fullest_key_percent", "integer_key_used_percent", "replication_lag_bytes", "sequence_used_percent"),
}

EVENT = """INSERT INTO analytics.analytics_events
           ("timestamp", user_id, event_name, session_id, page_path, user_language)
           VALUES (now() + %s, %s, 'view', 's', '/', 'ja')"""
TRANSLATION = """INSERT INTO translations.translation_history
                 (created_at, source_language, target_language, source_text, engine, processing_time)
                 VALUES (now() + %s, 'ja', 'en', '今日は', 'claude', %s)"""
ANALYSIS = """INSERT INTO monitoring.analysis_activity_log
              (created_at, analysis_engine, analysis_duration, error_occurred) VALUES (now() + %s, 'claude', 1, %s)"""
RECENT, LATER = timedelta(minutes=-59), timedelta(minutes=5)
HOUR_AGO, DAY_AGO = timedelta(minutes=-61), timedelta(hours=-24, minutes=-1)


@pytest.fixture
def superuser(postgres_server: PostgresServer) -> Iterator[Connection]:
    with own_database(postgres_server) as connection:
        yield connection


@pytest.fixture
def empty(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """A database that nobody has made anything in."""
    with postgres_server.connect_as_superuser("postgres") as outside:
        outside.execute("CREATE DATABASE metrics_empty TEMPLATE template0")
        yield metrics_database_of(postgres_server, "metrics_empty")
        outside.execute("DROP DATABASE metrics_empty WITH (FORCE)")


def measured(server: PostgresServer, name: str) -> float | None:
    """Return what the metric's query says about the test's own database."""
    return value(metrics_database_of(server, OWN_DATABASE), name)


@pytest.mark.parametrize(
    ("name", "empty"), [("active_users_24h", 0.0), ("avg_translation_time", None), ("error_rate_1h", None)]
)
@pytest.mark.usefixtures("superuser")
def test_empty_tables_are_no_data_except_for_a_count(
    name: str, empty: float | None, postgres_server: PostgresServer
) -> None:
    assert measured(postgres_server, name) == empty


def test_database_without_a_table_has_only_the_servers_figures(empty: PostgresDatabase) -> None:
    metrics = [
        query for query in QUERIES.values() if query.node is not Node.REPLICA and query.name not in OF_THE_TABLES
    ]

    found = {query.name: values(empty, query.name) for query in metrics}

    assert {name for name, of_metric in found.items() if not of_metric} == NOTHING_TO_MEASURE
    assert (found["tables_needing_vacuum"], found["invalid_indexes"]) == ({"": 0}, {"": 0})


def test_active_users_are_different_users_of_a_day(superuser: Connection, postgres_server: PostgresServer) -> None:
    for moment, user in [(RECENT, 1), (RECENT, 1), (HOUR_AGO, 2), (RECENT, None), (DAY_AGO, 3), (LATER, 4)]:
        superuser.execute(EVENT, [moment, user])

    assert measured(postgres_server, "active_users_24h") == 2


def test_translation_time_is_the_mean_of_the_last_hour(superuser: Connection, postgres_server: PostgresServer) -> None:
    for moment, seconds in [(RECENT, 1.0), (RECENT, 2.5), (RECENT, None), (HOUR_AGO, 100.0), (LATER, 100.0)]:
        superuser.execute(TRANSLATION, [moment, seconds])

    assert measured(postgres_server, "avg_translation_time") == 1.75


def test_error_rate_is_per_cent_of_the_last_hour(superuser: Connection, postgres_server: PostgresServer) -> None:
    moments = [(RECENT, True), (RECENT, False), (RECENT, False), (RECENT, False), (HOUR_AGO, True), (LATER, True)]
    for moment, failed in moments:
        superuser.execute(ANALYSIS, [moment, failed])

    assert measured(postgres_server, "error_rate_1h") == 25.0


def test_hour_without_errors_is_zero_per_cent(superuser: Connection, postgres_server: PostgresServer) -> None:
    superuser.execute(ANALYSIS, [RECENT, False])

    assert measured(postgres_server, "error_rate_1h") == 0.0


def test_database_size_is_not_truncated(superuser: Connection, postgres_server: PostgresServer) -> None:
    size = superuser.execute("SELECT pg_database_size(%s)", [OWN_DATABASE]).fetchone()

    found = measured(postgres_server, "database_size_mb")

    assert size is not None
    assert found == pytest.approx(int(str(size[0])) / 1_048_576, rel=0.01)
    assert found is not None
    assert not found.is_integer()


def test_query_that_finds_its_connection_lost_fails_and_the_next_has_a_new_one(postgres_server: PostgresServer) -> None:
    query = QUERIES["database_size_mb"]
    end_of_the_runner = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s"

    with (
        metrics_database_of(postgres_server).query_runner() as runner,
        postgres_server.connect_as_superuser() as superuser,
    ):
        superuser.execute(end_of_the_runner, [APPLICATION_NAME])
        with pytest.raises(QueryFailedError, match=f"^{postgres_server.host}:{postgres_server.port}: .* was lost: "):
            runner.rows(query.sql, query.timeout)

        assert len(runner.rows(query.sql, query.timeout)) == 1
