"""push_metrics through its handler, against a real PostgreSQL, with Secrets Manager played by moto."""

import socket
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from rds_operations.adapters.token_login import TokenLogin
from rds_operations.domain.errors import InvalidEventError
from rds_operations.domain.metric_queries import Kind
from tests.functions import load_app
from tests.integration.conftest import PostgresServer
from tests.integration.metrics_world import PRIMARY, app_with, deployed, embedded, invoke, metric, variables_of
from tests.samples import sample, sample_names

METRICS = {"active_users_24h", "avg_translation_time", "database_size_mb", "error_rate_1h"}


@pytest.fixture
def environment(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What Lambda sets for the handler."""
    where = variables_of(postgres_server)
    with deployed(where, postgres_server.metrics_password, monkeypatch) as variables:
        yield variables


def token_of(app: Any) -> str:
    """Return a token as the function signs it for the primary."""
    settings = app.settings
    return str(TokenLogin(settings.endpoint, settings.db_user, app.signing_identity)().password)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", sample_names("push_metrics"))
def test_sample_event_publishes_what_it_asks_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    event = sample("push_metrics", name)

    response = invoke(load_app("push_metrics"), event)

    assert set(event.get("metrics", METRICS)) <= set(response["published"])
    assert (response["failed"], response["up"], response["replicas"]) == ({}, {PRIMARY: 1}, {})
    line, *_ = embedded(capsys.readouterr().out)
    plain = {name: [value] for name, value in response["published"].items() if isinstance(value, float)}
    assert {name: line[name] for name in plain} == plain
    assert (line["up"], line["metric_query_failures"]) == ([1], [0])
    assert line["metric_query_duration_ms"] == [response["duration_ms"]]


@pytest.mark.usefixtures("environment")
def test_warm_function_measures_growth_and_only_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = metric("written", "SELECT pg_current_wal_lsn() - '0/0' AS metric_value", kind=Kind.RATE)
    app = app_with(monkeypatch, metric("one"), counter)

    cold, warm, named = invoke(app, {}), invoke(app, {}), invoke(app, {"metrics": ["written"]})

    assert cold["published"] == {"one": 1.0}
    assert warm["published"] == {}
    assert list(named["published"]) == ["written"]


@pytest.mark.usefixtures("environment")
def test_query_cannot_write_even_where_the_role_could(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_with(monkeypatch, metric("sneaky", "DELETE FROM analytics.analytics_events RETURNING 1 AS metric_value"))
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("GRANT DELETE ON analytics.analytics_events TO langpont_metrics")
        try:
            response = invoke(app, {})
        finally:
            superuser.execute("REVOKE DELETE ON analytics.analytics_events FROM langpont_metrics")

    assert response["failed"] == {"sneaky": "cannot execute DELETE in a read-only transaction (25006)"}


@pytest.mark.usefixtures("environment")
def test_literals_of_a_failing_query_are_in_no_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    app = app_with(monkeypatch, metric("secretive", "SELECT nowhere AS metric_value WHERE 'hush-hush' <> ''"))

    response = invoke(app, {})

    assert response["failed"] == {"secretive": 'column "nowhere" does not exist (42703)'}
    assert "hush-hush" not in f"{caplog.text} {[vars(record) for record in caplog.records]} {capsys.readouterr()}"


def test_token_logs_in_where_iam_is_set(
    environment: dict[str, str], postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_AUTH", "iam")
    app = load_app("push_metrics")
    # The local server knows no IAM: it takes this one token as a password.
    token = token_of(app)
    monkeypatch.setattr("rds_operations.adapters.token_login.sign_token", lambda **_: token)
    postgres_server.set_role_password(environment["DB_USER"], token)

    try:
        response = invoke(app, {"metrics": ["database_size_mb"]})
    finally:
        postgres_server.set_role_password(environment["DB_USER"], postgres_server.metrics_password)

    assert list(response["published"]) == ["database_size_mb"]


def test_run_with_a_token_calls_nobody_but_the_database(
    environment: dict[str, str], postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("only libpq may connect")

    monkeypatch.setenv("DB_AUTH", "iam")
    monkeypatch.setenv("DB_SECRET_ARN", "")
    app = load_app("push_metrics")
    token = token_of(app)
    monkeypatch.setattr("rds_operations.adapters.token_login.sign_token", lambda **_: token)
    postgres_server.set_role_password(environment["DB_USER"], token)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    try:
        response = invoke(app, {})
    finally:
        monkeypatch.undo()
        postgres_server.set_role_password(environment["DB_USER"], postgres_server.metrics_password)

    assert (response["failed"], response["up"]) == ({}, {PRIMARY: 1})


@pytest.mark.usefixtures("environment")
def test_unknown_metric_is_refused_before_anything_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidEventError, match=r"at least one of active_users_24h, .*avg_translation_time, "):
        invoke(load_app("push_metrics"), {"metrics": ["active_users"]})

    assert embedded(capsys.readouterr().out) == []
