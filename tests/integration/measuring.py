"""Asks a real server what a metric's query file asks, as the role of push_metrics, and makes things happen there."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import psycopg

from local.postgres.access import Connection, Endpoint
from local.waiting import wait_until
from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.domain.counters import Readings, counter_readings, counter_values
from rds_operations.domain.databases import DatabaseEndpoint, DatabaseLogin
from rds_operations.domain.metrics import MetricRow, metric_rows
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.functions import FUNCTIONS
from tests.integration.conftest import PostgresServer

QUERIES = {query.name: query for query in load_metric_queries(FUNCTIONS / "push_metrics" / "queries")}
APPLICATION_NAME = "metric_conditions"
# What is measured in seconds has happened when it shows this much; nothing that a test does by the way takes as long.
A_WHILE = 0.3
DEADLINE_SECONDS = 20.0

# A database of the same tables as the server's main one, empty and of one test alone.
OWN_DATABASE = "metrics_test"

_READ_AT = datetime(2026, 11, 26, tzinfo=UTC)


def metrics_database(endpoint: Endpoint, database: str, user: str, password: str) -> PostgresDatabase:
    """Return a database as push_metrics reaches it."""
    return PostgresDatabase(
        DatabaseEndpoint(endpoint.host, endpoint.port, endpoint.host_address),
        name=database,
        ca_bundle=str(endpoint.ca_bundle),
        login=lambda: DatabaseLogin(user, password),
        application_name=APPLICATION_NAME,
    )


def metrics_database_of(server: PostgresServer, database: str | None = None) -> PostgresDatabase:
    """Return a server's database, its main one unless another is named."""
    return metrics_database(
        server.node.endpoint, database or server.database, server.metrics_user, server.metrics_password
    )


@contextmanager
def own_database(server: PostgresServer) -> Iterator[Connection]:
    """Create that database for as long as the `with` lasts, and yield a superuser's connection to it."""
    with server.connect_as_superuser("postgres") as outside:
        outside.execute(f"CREATE DATABASE {OWN_DATABASE} TEMPLATE {server.database}")
        try:
            with server.connect_as_superuser(OWN_DATABASE) as inside:
                inside.execute("TRUNCATE analytics.analytics_events")
                inside.execute("TRUNCATE translations.translation_history, monitoring.analysis_activity_log")
                yield inside
        finally:
            outside.execute(f"DROP DATABASE {OWN_DATABASE} WITH (FORCE)")


def rows(database: PostgresDatabase, name: str) -> tuple[MetricRow, ...]:
    """Return what the metric's query finds."""
    query = QUERIES[name]
    with database.query_runner() as runner:
        return metric_rows(query, runner.rows(query.sql, query.timeout))


def values(database: PostgresDatabase, name: str) -> dict[str, float]:
    """Return the values by `column=value`."""
    return {row.found.label: row.found.value for row in rows(database, name)}


def value(database: PostgresDatabase, name: str) -> float | None:
    """Return the one value; None is no data."""
    return values(database, name).get("")


def number(database: PostgresDatabase, name: str) -> float:
    """Return the one value, which there has to be."""
    found = value(database, name)
    assert found is not None, name
    return found


def baseline(database: PostgresDatabase, name: str) -> Readings:
    """Return what the metric's counters show now."""
    return counter_readings(rows(database, name), _READ_AT)


def growth(database: PostgresDatabase, name: str, since: Readings) -> float | None:
    """Return what push_metrics would publish a minute after the baseline; None is no data."""
    now = counter_readings(rows(database, name), _READ_AT + timedelta(minutes=1))
    return next((found.value for found in counter_values(QUERIES[name], since, now)), None)


def until(what: str, condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    wait_until(what, condition, deadline_seconds=DEADLINE_SECONDS)


def until_grown(database: PostgresDatabase, name: str, since: Readings, at_least: float = 1.0) -> None:
    """Wait until the counter has grown: a session reports what it did with some delay."""
    until(f"{name} to grow by {at_least:g}", lambda: (growth(database, name, since) or 0.0) >= at_least)


def flush(session: Connection) -> None:
    """Let a session report what it did up to now."""
    session.execute("SELECT pg_stat_force_next_flush()")


def use_transaction_ids(session: Connection, count: int) -> None:
    for _ in range(count):
        session.execute("SELECT pg_current_xact_id()")


@contextmanager
def running(session: Connection, statement: str) -> Iterator[None]:
    """Let a session run a statement for as long as the `with` lasts, in the end by cancelling it."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        execution = pool.submit(session.execute, statement.encode())
        try:
            yield
        finally:
            session.cancel_safe(timeout=DEADLINE_SECONDS)
            with suppress(psycopg.errors.QueryCanceled, psycopg.errors.DeadlockDetected):
                execution.result(timeout=DEADLINE_SECONDS)
