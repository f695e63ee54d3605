"""What the metric queries count, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.postgres.access import Connection
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.domain.databases import DatabaseEndpoint, DatabaseLogin
from rds_operations.domain.metrics import QueryFailedError, metric_values
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.functions import FUNCTIONS
from tests.integration.conftest import PostgresServer

QUERIES = {query.name: query for query in load_metric_queries(FUNCTIONS / "push_metrics" / "queries")}
DATABASE = "metrics_test"

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
    """A connection to a database of the same tables, empty and of this test alone."""
    with postgres_server.connect_as_superuser("postgres") as outside:
        outside.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {postgres_server.database}")
        with postgres_server.connect_as_superuser(DATABASE) as inside:
            inside.execute("TRUNCATE analytics.analytics_events")
            inside.execute("TRUNCATE translations.translation_history, monitoring.analysis_activity_log")
            yield inside
        outside.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def metrics_database(server: PostgresServer, name: str) -> PostgresDatabase:
    return PostgresDatabase(
        DatabaseEndpoint(server.host, server.port, server.host_address),
        name=name,
        ca_bundle=str(server.ca_bundle),
        login=lambda: DatabaseLogin(server.metrics_user, server.metrics_password),
        application_name="metric_values",
    )


def measured(server: PostgresServer, name: str) -> float | None:
    """Return what the metric's query says about the test's own database."""
    with metrics_database(server, DATABASE).query_runner() as runner:
        values = metric_values(QUERIES[name], runner.rows(QUERIES[name].sql, QUERIES[name].timeout))
    return values[0].value if values else None


@pytest.mark.parametrize(
    ("name", "value"), [("active_users_24h", 0.0), ("avg_translation_time", None), ("error_rate_1h", None)]
)
@pytest.mark.usefixtures("superuser")
def test_empty_tables_are_no_data_except_for_a_count(
    name: str, value: float | None, postgres_server: PostgresServer
) -> None:
    assert measured(postgres_server, name) == value


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
    size = superuser.execute("SELECT pg_database_size(%s)", [DATABASE]).fetchone()

    value = measured(postgres_server, "database_size_mb")

    assert size is not None
    assert value == pytest.approx(int(str(size[0])) / 1_048_576, rel=0.01)
    assert value is not None
    assert not value.is_integer()


def test_query_that_finds_its_connection_lost_fails_and_the_next_has_a_new_one(postgres_server: PostgresServer) -> None:
    query = QUERIES["database_size_mb"]
    end_of_the_runner = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s"

    with (
        metrics_database(postgres_server, postgres_server.database).query_runner() as runner,
        postgres_server.connect_as_superuser() as superuser,
    ):
        superuser.execute(end_of_the_runner, ["metric_values"])
        with pytest.raises(QueryFailedError, match=f"^{postgres_server.host}:{postgres_server.port}: .* was lost: "):
            runner.rows(query.sql, query.timeout)

        assert len(runner.rows(query.sql, query.timeout)) == 1
