"""push_metrics through its handler, against a real PostgreSQL, with Secrets Manager played by moto."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.free_ports import find_free_ports
from rds_operations.domain.errors import InvalidEventError, RefusedError, RetryableError
from rds_operations.domain.metric_queries import MetricQuery
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.integration.conftest import PostgresServer
from tests.samples import sample, sample_names

METRICS = ("active_users_24h", "avg_translation_time", "database_size_mb", "error_rate_1h")
CONTEXT = FakeLambdaContext("push_metrics")
REGION = "ap-northeast-1"


@pytest.fixture
def environment(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What Lambda sets for the handler; its password is in a secret played by moto."""
    login = {"username": postgres_server.metrics_user, "password": postgres_server.metrics_password}
    with mock_aws():
        secret = boto3.client("secretsmanager", REGION).create_secret(Name="metrics", SecretString=json.dumps(login))
        variables = {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "PROJECT_NAME": "langpont",
            "ENVIRONMENT": "dev",
            "DB_INSTANCE_IDENTIFIER": "langpont-dev-db",
            "DB_HOST": postgres_server.host,
            "DB_PORT": str(postgres_server.port),
            "DB_NAME": postgres_server.database,
            "DB_USER": postgres_server.metrics_user,
            "DB_AUTH": "secret",
            "DB_SECRET_ARN": secret["ARN"],
            "DB_CA_BUNDLE": str(postgres_server.ca_bundle),
            "DB_HOST_ADDRESS": postgres_server.host_address,
            "POWERTOOLS_SERVICE_NAME": "push_metrics",
            "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield variables


def invoke(event: object) -> dict[str, Any]:
    response: dict[str, Any] = load_app("push_metrics").handler(event, CONTEXT)
    return response


def killer(name: str) -> MetricQuery:
    """Return a query that ends its own server process, as a crash of it does."""
    sql = "SELECT 1 AS metric_value WHERE pg_terminate_backend(pg_backend_pid())"
    return MetricQuery(name, sql, "Count", "Kills its connection", timedelta(seconds=5), ())


def embedded(printed: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, printed.splitlines()) if "_aws" in line]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", sample_names("push_metrics"))
def test_sample_event_publishes_what_it_asks_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    event = sample("push_metrics", name)

    response = invoke(event)

    assert sorted(response["published"]) == sorted(event.get("metrics", METRICS))
    assert response["failed"] == {}
    (line,) = embedded(capsys.readouterr().out)
    assert {metric: line[metric] for metric in response["published"]} == {
        metric: [value] for metric, value in response["published"].items()
    }
    assert line["metric_query_failures"] == [0]
    assert line["metric_query_duration_ms"] == [response["duration_ms"]]


@pytest.mark.usefixtures("environment")
def test_failing_query_is_a_failed_metric_with_its_cause(
    postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("REVOKE SELECT ON analytics.analytics_events FROM langpont_metrics")
        try:
            response = invoke({})
        finally:
            superuser.execute("GRANT SELECT ON analytics.analytics_events TO langpont_metrics")

    cause = "permission denied for table analytics_events (42501)"
    assert response["failed"] == {"active_users_24h": cause}
    assert sorted(response["published"]) == ["avg_translation_time", "database_size_mb", "error_rate_1h"]
    assert embedded(capsys.readouterr().out)[0]["metric_query_failures"] == [1]
    (logged,) = [vars(record) for record in caplog.records if record.levelname == "ERROR"]
    assert (logged["metric"], logged["reason"]) == ("active_users_24h", cause)


@pytest.mark.usefixtures("environment")
def test_query_that_kills_its_connection_is_a_failed_metric(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = load_app("push_metrics")
    queries = (killer("killer"), *app.queries[:2], killer("killer_again"), *app.queries[2:])
    monkeypatch.setattr(app, "queries", queries)

    response = app.handler({}, CONTEXT)

    assert sorted(response["published"]) == sorted(METRICS)
    assert list(response["failed"]) == ["killer", "killer_again"]
    assert "the connection was lost: terminating connection" in response["failed"]["killer"]
    assert embedded(capsys.readouterr().out)[0]["metric_query_failures"] == [2]


@pytest.mark.usefixtures("environment")
def test_database_that_takes_no_new_connection_fails_the_run(
    postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    app = load_app("push_metrics")
    with postgres_server.connect_as_superuser("postgres") as superuser, app.database.query_runner() as query_runner:
        superuser.execute(f"ALTER DATABASE {postgres_server.database} CONNECTION LIMIT 0".encode())
        try:
            with pytest.raises(RetryableError, match="too many connections for database"):
                app.push_metrics(
                    (*app.queries[:1], killer("killer"), *app.queries[1:]),
                    query_runner=query_runner,
                    sink=app.EmbeddedMetricSink(app.metrics),
                    clock=app.SystemClock(),
                )
        finally:
            superuser.execute(f"ALTER DATABASE {postgres_server.database} CONNECTION LIMIT -1".encode())

    assert app.metrics.provider.metric_set == {}
    assert embedded(capsys.readouterr().out) == []


def test_unreachable_database_fails_the_run_and_is_named(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DB_PORT", str(find_free_ports(1)[0]))

    with pytest.raises(RetryableError, match=rf"^{environment['DB_HOST']}:[0-9]+ cannot be reached: "):
        invoke({})

    assert embedded(capsys.readouterr().out) == []


@pytest.mark.usefixtures("environment")
def test_certificate_of_another_authority_refuses_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_CA_BUNDLE", "")

    with pytest.raises(RefusedError, match="certificate verify failed"):
        invoke({})


def test_token_logs_in_where_iam_is_set(
    environment: dict[str, str], postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_AUTH", "iam")
    app = load_app("push_metrics")
    # The local server knows no IAM: it takes this one token as a password.
    token = app.login().password
    monkeypatch.setattr("rds_operations.adapters.postgres.sign_token", lambda **_: token)
    postgres_server.set_role_password(environment["DB_USER"], token)

    try:
        response = app.handler({"metrics": ["database_size_mb"]}, CONTEXT)
    finally:
        postgres_server.set_role_password(environment["DB_USER"], postgres_server.metrics_password)

    assert list(response["published"]) == ["database_size_mb"]


@pytest.mark.usefixtures("environment")
def test_unknown_metric_is_refused_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PORT", str(find_free_ports(1)[0]))

    with pytest.raises(InvalidEventError, match="at least one of active_users_24h, avg_translation_time, "):
        invoke({"metrics": ["active_users"]})
