"""Verified connections and read-only queries against a real PostgreSQL."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.free_ports import find_free_ports
from rds_postgres.connections import Connection, ConnectionSettings, connect
from rds_postgres.errors import (
    AuthenticationFailedError,
    CertificateRejectedError,
    QueryFailedError,
    UnreachableError,
)
from rds_postgres.queries import run_read_only
from tests.integration.conftest import PostgresServer

SECOND = timedelta(seconds=1)


@pytest.fixture
def settings(postgres_server: PostgresServer) -> ConnectionSettings:
    return ConnectionSettings(
        host=postgres_server.host,
        host_address=postgres_server.host_address,
        port=postgres_server.port,
        database=postgres_server.database,
        user=postgres_server.metrics_user,
        ca_bundle=postgres_server.ca_bundle,
        application_name="push_metrics",
        autocommit=True,
    )


@pytest.fixture
def connection(settings: ConnectionSettings, postgres_server: PostgresServer) -> Iterator[Connection]:
    with connect(settings, postgres_server.metrics_password) as connection:
        yield connection


def ask(connection: Connection, query: str, timeout: timedelta = SECOND) -> list[dict[str, object]]:
    return run_read_only(connection, query, timeout=timeout, lock_timeout=timedelta(milliseconds=100))


def test_connection_is_encrypted_and_named(connection: Connection) -> None:
    (row,) = ask(
        connection,
        "SELECT ssl, version, application_name FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
        " WHERE pid = pg_backend_pid()",
    )

    assert row == {"ssl": True, "version": "TLSv1.3", "application_name": "push_metrics"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"ca_bundle": None}, "certificate verify failed"),
        ({"host": "another-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com"}, "does not match host name"),
        ({"ca_bundle": Path("/nowhere/ca.pem")}, 'root certificate file "/nowhere/ca.pem" does not exist'),
    ],
)
def test_server_that_is_not_proven_is_rejected(
    changes: dict[str, Any], complaint: str, settings: ConnectionSettings, postgres_server: PostgresServer
) -> None:
    changed = replace(settings, **changes)

    with pytest.raises(CertificateRejectedError, match=complaint) as caught:
        connect(changed, postgres_server.metrics_password)

    assert f"{changed.host}:{changed.port}" in str(caught.value)


@pytest.mark.parametrize("user", ["langpont_metrics", "nobody_known", "pg_monitor"])
def test_wrong_login_is_refused_without_its_password(user: str, settings: ConnectionSettings) -> None:
    with pytest.raises(AuthenticationFailedError, match="password authentication failed") as caught:
        connect(replace(settings, user=user), "wrong-pass-word")

    assert "wrong-pass-word" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_unknown_database_is_refused(settings: ConnectionSettings, postgres_server: PostgresServer) -> None:
    with pytest.raises(AuthenticationFailedError, match='database "elsewhere" does not exist'):
        connect(replace(settings, database="elsewhere"), postgres_server.metrics_password)


def test_closed_port_is_named(settings: ConnectionSettings) -> None:
    (port,) = find_free_ports(1)

    with pytest.raises(UnreachableError, match=rf"^{re.escape(settings.host)}:{port} cannot be reached: .*refused"):
        connect(replace(settings, port=port), "pass-word")


def test_name_that_does_not_resolve_is_named(settings: ConnectionSettings) -> None:
    with pytest.raises(UnreachableError, match=r"^db\.invalid:[0-9]+ cannot be reached: "):
        connect(replace(settings, host="db.invalid", host_address=None), "pass-word")


def test_token_longer_than_any_password_logs_in(settings: ConnectionSettings, postgres_server: PostgresServer) -> None:
    token = "langpont-prod-db:5432/?" + "X-Amz-Security-Token=" + "a%2F" * 500
    postgres_server.set_role_password(settings.user, token)

    try:
        with connect(settings, token) as connection:
            (row,) = ask(connection, "SELECT current_user::text AS role")
    finally:
        postgres_server.set_role_password(settings.user, postgres_server.metrics_password)

    assert row == {"role": settings.user}


def test_password_is_in_no_representation_and_no_log(
    settings: ConnectionSettings, postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with connect(settings, postgres_server.metrics_password) as connection:
        shown = f"{settings!r} {connection!r} {connection.info.dsn} {caplog.text}"

    assert postgres_server.metrics_password not in shown


@pytest.mark.parametrize("name", ["langpont_metrics", "langpont_admin"])
def test_query_cannot_write_whoever_asks(
    name: str, settings: ConnectionSettings, postgres_server: PostgresServer
) -> None:
    password = {
        postgres_server.metrics_user: postgres_server.metrics_password,
        postgres_server.admin_user: postgres_server.admin_password,
    }[name]

    with (
        connect(replace(settings, user=name), password) as connection,
        pytest.raises(QueryFailedError, match=r"cannot execute DELETE in a read-only transaction \(25006\)"),
    ):
        ask(connection, "DELETE FROM analytics.analytics_events")


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("SELECT pg_sleep(30)", r"canceling statement due to statement timeout \(57014\)"),
        ("SELECT * FROM nowhere", r'relation "nowhere" does not exist \(42P01\)'),
        ("SELECT 1; COMMIT", r"cannot insert multiple commands into a prepared statement \(42601\)"),
        ("SELECT 1 AS a, 2 AS a", "more than one column named a"),
        ("RESET ALL", "records"),
    ],
)
def test_failing_query_leaves_the_connection_usable(query: str, complaint: str, connection: Connection) -> None:
    with pytest.raises(QueryFailedError, match=complaint):
        ask(connection, query, timeout=timedelta(milliseconds=100))

    assert ask(connection, "SELECT 1 AS one") == [{"one": 1}]


def test_parameters_are_values_and_never_sql(connection: Connection) -> None:
    values = {"name": "it's; DROP", "names": ["a", "it's; DROP"]}

    rows = run_read_only(
        connection,
        "SELECT %(name)s AS name, %(name)s = ANY(%(names)s) AS found, '%%' AS sign",
        timeout=SECOND,
        lock_timeout=SECOND,
        parameters=values,
    )

    assert rows == [{"name": "it's; DROP", "found": True, "sign": "%"}]


def test_per_cent_sign_without_parameters_is_one(connection: Connection) -> None:
    assert ask(connection, "SELECT '%s' AS sign, 'a' LIKE '%' AS found") == [{"sign": "%s", "found": True}]


def test_values_arrive_as_pythons_own_types(connection: Connection) -> None:
    (row,) = ask(
        connection, "SELECT 1::bigint AS a, 0.5::float8 AS b, 2.5::numeric AS c, true AS d, now() AS e, NULL AS f"
    )

    assert {name: type(value).__name__ for name, value in row.items()} == {
        "a": "int", "b": "float", "c": "Decimal", "d": "bool", "e": "datetime", "f": "NoneType",
    }  # fmt: skip


def test_limits_end_with_their_query(connection: Connection) -> None:
    limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    before = connection.execute(limits).fetchone()

    ask(connection, "SELECT 1 AS one")

    # What the role's sessions begin with.
    assert connection.execute(limits).fetchone() == before == ("30s", "1s")


def test_locked_table_is_not_waited_for(connection: Connection, postgres_server: PostgresServer) -> None:
    with postgres_server.connect_as_superuser() as superuser, superuser.transaction():
        superuser.execute("LOCK TABLE analytics.analytics_events")

        with pytest.raises(QueryFailedError, match=r"due to lock timeout \(55P03\)"):
            ask(connection, "SELECT count(*) FROM analytics.analytics_events")


def test_lost_connection_is_told_apart_from_a_failed_query(
    connection: Connection, postgres_server: PostgresServer
) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])

    for _ in range(2):
        with pytest.raises(UnreachableError, match=r"^the connection was lost: "):
            ask(connection, "SELECT 1 AS one")


def test_server_without_free_connections_is_unreachable_for_now(
    settings: ConnectionSettings, postgres_server: PostgresServer
) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("ALTER ROLE langpont_metrics CONNECTION LIMIT 0")
        try:
            with pytest.raises(UnreachableError, match='too many connections for role "langpont_metrics"'):
                connect(settings, postgres_server.metrics_password)
        finally:
            superuser.execute("ALTER ROLE langpont_metrics CONNECTION LIMIT -1")
