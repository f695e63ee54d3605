"""set_up_database through its handler, against a real PostgreSQL as RDS hands it over; Secrets Manager is moto's."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from rds_operations.domain.errors import (
    ConfigurationError,
    InvalidEventError,
    PartialFailureError,
    RefusedError,
    RetryableError,
)
from tests.database_setup import PASSWORDS
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.integration.clusters import ask
from tests.integration.conftest import PostgresServer
from tests.samples import sample, sample_names

CONTEXT = FakeLambdaContext("set_up_database")
REGION = "ap-northeast-1"
SECRETS = {"APP_SECRET_ARN": "langpont_app", "READONLY_SECRET_ARN": "langpont_readonly"}
STEPS = 19


def text(user: str, password: str) -> str:
    return json.dumps({"username": user, "password": password})


@pytest.fixture
def environment(new_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What Lambda sets for the handler, with the passwords in secrets."""
    users = {**SECRETS, "METRICS_SECRET_ARN": "langpont_metrics"}
    with mock_aws():
        client = boto3.client("secretsmanager", REGION)
        master = text(new_server.admin_user, new_server.admin_password)
        arns = {"DB_SECRET_ARN": client.create_secret(Name="master", SecretString=master)["ARN"]}
        for name, user in users.items():
            arns[name] = client.create_secret(Name=user, SecretString=text(user, PASSWORDS[user]))["ARN"]
        variables = {
            "AWS_DEFAULT_REGION": REGION,
            "PROJECT_NAME": "langpont",
            "ENVIRONMENT": "dev",
            "DB_INSTANCE_IDENTIFIER": "langpont-dev-db",
            "DB_HOST": new_server.host,
            "DB_PORT": str(new_server.port),
            "DB_NAME": new_server.database,
            "DB_CA_BUNDLE": str(new_server.ca_bundle),
            "DB_HOST_ADDRESS": new_server.host_address,
            "METRICS_AUTHENTICATION": "secret",
            "MAX_CONNECTIONS": "300",
            "POWERTOOLS_SERVICE_NAME": "set_up_database",
            **arns,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield variables


def invoke(event: object | None = None) -> dict[str, Any]:
    response: dict[str, Any] = load_app("set_up_database").handler({} if event is None else event, CONTEXT)
    return response


def outcomes(response: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["outcome"] for step in response["steps"]}


def logs_in(server: PostgresServer, user: str, password: str) -> bool:
    try:
        with server.place.as_user(user, password).connection():
            return True
    except RefusedError as error:
        return "password authentication failed" not in str(error)


def server_log(server: PostgresServer) -> str:
    return "".join(file.read_text(errors="replace") for file in server.node.folders.base.glob("*/log/*"))


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", sample_names("set_up_database"))
def test_first_run_changes_and_second_finds_nothing_to_do(name: str, new_server: PostgresServer) -> None:
    first = invoke(sample("set_up_database", name))
    second = invoke(sample("set_up_database", name))

    # The extension is there already: on a plain PostgreSQL only a superuser may make it.
    assert outcomes(first)["extensions"] == "unchanged"
    assert (first["changed"], first["unchanged"]) == (STEPS - 1, 1)
    assert (second["changed"], second["unchanged"]) == (0, STEPS)
    assert {step["detail"] for step in second["steps"]} == {"as it should be"}
    assert first["waiting_for"] == second["waiting_for"] == []
    assert all(logs_in(new_server, role, password) for role, password in PASSWORDS.items())


@pytest.mark.usefixtures("environment")
def test_no_password_and_no_verifier_is_told_to_anybody(
    new_server: PostgresServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with new_server.connect_as_superuser() as superuser:
        superuser.execute("COMMENT ON ROLE langpont_app IS NULL")
        before = ask(superuser, "SELECT rolpassword FROM pg_authid WHERE rolname = 'langpont_app'")
        response = invoke()
        verifier = str(ask(superuser, "SELECT rolpassword FROM pg_authid WHERE rolname = 'langpont_app'"))

    assert verifier.startswith("SCRAM-SHA-256$")
    assert verifier != before
    said = json.dumps(response) + "".join(capfd.readouterr()) + str([vars(record) for record in caplog.records])
    assert "took the password of its secret" in said
    assert verifier not in said
    for password in (*PASSWORDS.values(), new_server.admin_password):
        assert password not in said
        assert password not in server_log(new_server)


@pytest.mark.usefixtures("environment")
def test_rotated_secret_changes_the_password_once(new_server: PostgresServer) -> None:
    invoke()
    client = boto3.client("secretsmanager", REGION)
    client.put_secret_value(SecretId="langpont_app", SecretString=text("langpont_app", "rotated-Pass4word"))

    response, again = invoke(), invoke()

    changed = [step for step, outcome in outcomes(response).items() if outcome == "done"]
    assert changed == ["password of langpont_app"]
    assert again["changed"] == 0
    assert logs_in(new_server, "langpont_app", "rotated-Pass4word")
    assert not logs_in(new_server, "langpont_app", PASSWORDS["langpont_app"])


@pytest.mark.usefixtures("environment")
def test_failing_steps_are_named_together_and_stop_no_other(
    new_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    invoke()
    with new_server.connect_as_superuser() as superuser:
        superuser.execute("DROP EXTENSION pg_stat_statements")
        superuser.execute("REVOKE ADMIN OPTION FOR langpont_app FROM langpont_admin CASCADE")
        superuser.execute("ALTER ROLE langpont_app CONNECTION LIMIT 5")
        superuser.execute("ALTER ROLE langpont_readonly RESET statement_timeout")
        try:
            with pytest.raises(
                PartialFailureError, match=r"^2 of 19 steps of the database's set-up failed: "
            ) as caught:
                invoke()
            readonly = ask(superuser, "SELECT rolconfig::text FROM pg_roles WHERE rolname = 'langpont_readonly'")
        finally:
            superuser.execute("GRANT langpont_app TO langpont_admin WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
            superuser.execute("CREATE EXTENSION pg_stat_statements")

    extension, role = caught.value.failures
    assert extension == 'extensions: permission denied to create extension "pg_stat_statements" (42501)'
    assert role == "role langpont_app: permission denied to alter role (42501)"
    assert "statement_timeout=300s" in str(readonly)
    assert [vars(record)["step"] for record in caplog.records if record.levelname == "ERROR"] == [
        "extensions",
        "role langpont_app",
    ]


@pytest.mark.usefixtures("environment")
def test_extension_is_made_by_whoever_may(new_server: PostgresServer) -> None:
    with new_server.connect_as_superuser() as superuser:
        superuser.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        superuser.execute("ALTER ROLE langpont_admin SUPERUSER")  # rds_superuser may make extensions
        try:
            response = invoke()
        finally:
            superuser.execute("ALTER ROLE langpont_admin NOSUPERUSER")

    assert response["steps"][0] == {
        "step": "extensions",
        "outcome": "done",
        "detail": "pg_stat_statements made in public",
    }


@pytest.mark.usefixtures("environment")
def test_second_set_up_at_the_same_time_is_told_to_wait(new_server: PostgresServer) -> None:
    app = load_app("set_up_database")

    with app.administration(app.database), pytest.raises(RetryableError, match="another set-up of this database"):
        app.handler({}, CONTEXT)


@pytest.mark.usefixtures("environment")
def test_secret_of_another_role_is_refused_before_anything_is_done() -> None:
    client = boto3.client("secretsmanager", REGION)
    client.put_secret_value(SecretId="langpont_readonly", SecretString=text("langpont_admin", "x" * 12))

    with pytest.raises(ConfigurationError, match=r"is of the role 'langpont_admin', allowed: langpont_readonly$"):
        invoke()


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("event", [{"roles": ["langpont_app"]}, [], "all", None])
def test_event_that_asks_for_something_is_refused(event: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^the event is .*, allowed: an empty object$"):
        load_app("set_up_database").handler(event, CONTEXT)
