"""check_database through its handler, against a real PostgreSQL that is changed under its eyes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.free_ports import find_free_ports
from local.postgres.access import Connection
from local.waiting import last_value
from rds_operations.domain.errors import InvalidEventError, RetryableError
from tests.database_setup import set_up
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.integration.clusters import ask
from tests.integration.conftest import PostgresServer
from tests.samples import sample, sample_names

CONTEXT = FakeLambdaContext("check_database")
REGION = "ap-northeast-1"
DEADLINE_SECONDS = 10.0


@pytest.fixture
def environment(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What Lambda sets for the handler."""
    login = {"username": postgres_server.metrics_user, "password": postgres_server.metrics_password}
    with mock_aws():
        secret = boto3.client("secretsmanager", REGION).create_secret(Name="metrics", SecretString=json.dumps(login))
        variables = {
            "AWS_DEFAULT_REGION": REGION,
            "PROJECT_NAME": "langpont",
            "ENVIRONMENT": "prod",
            "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
            "DB_HOST": postgres_server.host,
            "DB_PORT": str(postgres_server.port),
            "DB_NAME": postgres_server.database,
            "DB_USER": postgres_server.metrics_user,
            "DB_AUTH": "secret",
            "DB_SECRET_ARN": secret["ARN"],
            "DB_CA_BUNDLE": str(postgres_server.ca_bundle),
            "DB_HOST_ADDRESS": postgres_server.host_address,
            "DB_INSTANCE_CLASS": "db.t3.medium",
            "MAX_CONNECTIONS": "300",
            "LOG_DESTINATION": "csvlog",
            "POWERTOOLS_SERVICE_NAME": "check_database",
            "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield


def invoke(event: object | None = None) -> dict[str, Any]:
    response: dict[str, Any] = load_app("check_database").handler({} if event is None else event, CONTEXT)
    return response


def metric(printed: str) -> list[Any]:
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{") and "_aws" in line]
    return [line["database_check_differences"] for line in lines]


@contextmanager
def altered(superuser: Connection, name: str, value: str) -> Iterator[None]:
    """Give a parameter of the server another value for the block, and wait until it has it."""
    before = ask(superuser, f"SHOW {name}")
    try:
        superuser.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
        _reload(superuser, name, lambda shown: shown != before)
        yield
    finally:
        superuser.execute(f"ALTER SYSTEM RESET {name}".encode())
        _reload(superuser, name, lambda shown: shown == before)


def _reload(superuser: Connection, name: str, is_there: Any) -> None:
    superuser.execute("SELECT pg_reload_conf()")
    assert last_value(
        lambda: is_there(ask(superuser, f"SHOW {name}")), deadline_seconds=DEADLINE_SECONDS, poll_seconds=0.02
    ), f"the server did not take {name} within {DEADLINE_SECONDS} s"


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", sample_names("check_database"))
def test_server_that_was_set_up_is_as_it_should_be(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    response = invoke(sample("check_database", name))

    assert response["differences"] == []
    # rds.* are placeholders in the embedded server's configuration.
    assert response["not_shown"] == []
    assert response["checked"] == 46
    assert metric(capsys.readouterr().out) == [[0]]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("name", "value", "expected", "actual"),
    [
        ("work_mem", "'4MB'", "16384 kB", "4096 kB"),
        ("effective_cache_size", "'4GB'", "393216 x 8kB", "524288 x 8kB"),
        ("checkpoint_timeout", "'5min'", "600 s", "300 s"),
        ("random_page_cost", "4", "1.1", "4"),
        ("log_min_duration_statement", "-1", "1000 ms", "-1 ms"),
        ("log_statement", "'none'", "ddl", "none"),
        ("log_checkpoints", "off", "on", "off"),
        ("log_destination", "'stderr'", "with csvlog", "stderr"),
        ("idle_in_transaction_session_timeout", "'24h'", "300000 ms", "86400000 ms"),
        ("password_encryption", "'md5'", "scram-sha-256", "md5"),
        ("ssl_min_protocol_version", "'TLSv1'", "TLSv1.2 or TLSv1.3", "TLSv1"),
        ("ssl_prefer_server_ciphers", "off", "on", "off"),
        ("rds.force_ssl", "0", "on", "0"),
        ("autovacuum_vacuum_scale_factor", "0.1", "0.2", "0.1"),
    ],
)
def test_changed_parameter_is_a_difference(
    postgres_server: PostgresServer, name: str, value: str, expected: str, actual: str
) -> None:
    with postgres_server.connect_as_superuser() as superuser, altered(superuser, name, value):
        response = invoke()

    (found,) = response["differences"]
    assert (found["name"], found["expected"], found["actual"]) == (name, expected, actual)
    assert found["meaning"].endswith(".")


@pytest.mark.usefixtures("environment")
def test_difference_is_logged_as_an_error_and_counted(
    postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with postgres_server.connect_as_superuser() as superuser, altered(superuser, "log_lock_waits", "off"):
        invoke()

    (logged,) = [vars(record) for record in caplog.records if record.levelname == "ERROR"]
    assert (logged["parameter"], logged["expected"], logged["actual"]) == ("log_lock_waits", "on", "off")
    assert metric(capsys.readouterr().out) == [[1]]


@pytest.mark.usefixtures("environment")
def test_value_of_the_role_is_told_apart_from_the_servers(postgres_server: PostgresServer) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("ALTER ROLE langpont_metrics SET work_mem = '64MB'")
        try:
            response = invoke()
        finally:
            superuser.execute("ALTER ROLE langpont_metrics RESET work_mem")

    (found,) = response["differences"]
    assert found["meaning"].endswith("The checking session has it from its user; the server's own value is hidden.")


@pytest.mark.usefixtures("environment")
def test_what_the_set_up_should_have_made_is_missed(postgres_server: PostgresServer) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("DROP EXTENSION pg_stat_statements")
        superuser.execute("ALTER DATABASE langpont RESET default_text_search_config")
        superuser.execute("ALTER ROLE langpont_app NOLOGIN")
        try:
            response = invoke()
        finally:
            superuser.execute("CREATE EXTENSION pg_stat_statements")
            set_up(postgres_server.as_master()).raise_failures()

    missed = {found["name"]: found["actual"] for found in response["differences"]}
    assert missed == {
        "default_text_search_config": "pg_catalog.simple",
        "extension pg_stat_statements": "not there",
        "role langpont_app": "not there",
    }


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("variable", "value", "differing"),
    [
        ("MAX_CONNECTIONS", "200", ["max_connections"]),
        ("LOG_DESTINATION", "stderr", ["log_destination"]),
        ("DB_INSTANCE_CLASS", "db.r6g.large", []),
    ],
)
def test_expectations_follow_the_deployment(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, differing: list[str]
) -> None:
    monkeypatch.setenv(variable, value)

    assert [found["name"] for found in invoke()["differences"]] == differing


@pytest.mark.usefixtures("environment")
def test_memory_of_another_class_has_to_fit_together(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_INSTANCE_CLASS", "db.r6g.large")

    with postgres_server.connect_as_superuser() as superuser, altered(superuser, "work_mem", "'4MB'"):
        response = invoke()

    (found,) = response["differences"]
    assert (found["name"], found["expected"], found["actual"]) == ("work_mem", "about 16384 kB", "4096 kB")


@pytest.mark.usefixtures("environment")
def test_server_that_cannot_be_reached_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DB_PORT", str(find_free_ports(1)[0]))

    with pytest.raises(RetryableError, match="cannot be reached"):
        invoke()

    assert metric(capsys.readouterr().out) == []


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("event", [{"parameter": "ssl"}, [], None])
def test_event_that_asks_for_something_is_refused(event: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^the event is .*, allowed: an empty object$"):
        load_app("check_database").handler(event, CONTEXT)
