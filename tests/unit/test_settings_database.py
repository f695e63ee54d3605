"""Settings of the functions that set the database up, check it and probe it."""

import re

import pytest

from rds_operations.domain.databases import Authentication, DatabaseEndpoint
from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.server_expectations import ServerPlan
from rds_operations.runtime.settings.check_database import CheckDatabaseSettings
from rds_operations.runtime.settings.probe_database import ProbeDatabaseSettings
from rds_operations.runtime.settings.set_up_database import SetUpDatabaseSettings
from tests.whole_tables import for_each

ARN = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:{}-a1b2C3"
HOST = "langpont-prod-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com"
DATABASE = {
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "prod",
    "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
    "DB_HOST": HOST,
    "DB_PORT": "5432",
    "DB_NAME": "langpont",
}
LOGIN = DATABASE | {"DB_USER": "langpont_metrics", "DB_AUTH": "iam"}
CHECK = LOGIN | {"DB_INSTANCE_CLASS": "db.t3.medium", "MAX_CONNECTIONS": "300", "LOG_DESTINATION": "csvlog"}
SET_UP = DATABASE | {
    "DB_SECRET_ARN": ARN.format("Master"),
    "APP_SECRET_ARN": ARN.format("App"),
    "READONLY_SECRET_ARN": ARN.format("Readonly"),
    "METRICS_AUTHENTICATION": "iam",
    "MAX_CONNECTIONS": "300",
}
ALL = [(ProbeDatabaseSettings, LOGIN), (CheckDatabaseSettings, CHECK), (SetUpDatabaseSettings, SET_UP)]
EACH = [(kind, valid, name) for kind, valid in ALL for name in valid]

type Kind = type[ProbeDatabaseSettings | CheckDatabaseSettings | SetUpDatabaseSettings]


@pytest.mark.parametrize(("kind", "valid"), ALL)
def test_optional_settings_are_empty_by_default(kind: Kind, valid: dict[str, str]) -> None:
    settings = kind.from_env(valid | {"DB_CA_BUNDLE": "", "DB_HOST_ADDRESS": ""})

    assert settings.endpoint == DatabaseEndpoint(HOST, 5432, "")
    assert settings.db_ca_bundle == ""


@for_each(("kind", "valid", "name"), EACH)
@for_each("value", ["", "  ", None])
def test_missing_or_empty_variable_is_named(kind: Kind, valid: dict[str, str], name: str, value: str | None) -> None:
    variables = {key: text for key, text in (valid | {name: value}).items() if text is not None}

    with pytest.raises(ConfigurationError, match=f"^{name} is .*, allowed: "):
        kind.from_env(variables)


@pytest.mark.parametrize(
    ("kind", "valid", "name", "value"),
    [
        (ProbeDatabaseSettings, LOGIN, "DB_HOST", "host name"),
        (ProbeDatabaseSettings, LOGIN, "DB_PORT", "65536"),
        (ProbeDatabaseSettings, LOGIN, "DB_AUTH", "password"),
        (CheckDatabaseSettings, CHECK, "DB_INSTANCE_CLASS", "t3.medium"),
        (CheckDatabaseSettings, CHECK, "MAX_CONNECTIONS", "5"),
        (CheckDatabaseSettings, CHECK, "MAX_CONNECTIONS", "262144"),
        (CheckDatabaseSettings, CHECK, "LOG_DESTINATION", "jsonlog"),
        (SetUpDatabaseSettings, SET_UP, "APP_SECRET_ARN", "AppRoleSecret"),
        (SetUpDatabaseSettings, SET_UP, "METRICS_SECRET_ARN", "MetricsSecret"),
        (SetUpDatabaseSettings, SET_UP, "METRICS_AUTHENTICATION", "password"),
        (SetUpDatabaseSettings, SET_UP, "MAX_CONNECTIONS", "many"),
        (SetUpDatabaseSettings, SET_UP, "DB_HOST_ADDRESS", "localhost"),
    ],
)
def test_value_that_is_not_allowed_is_named(kind: Kind, valid: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '{re.escape(value)}', allowed: "):
        kind.from_env(valid | {name: value})


@pytest.mark.parametrize(("kind", "valid"), ALL)
def test_all_wrong_variables_are_named_at_once(kind: Kind, valid: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind.from_env({})

    assert [name for name in valid if f"{name} is not set" not in str(caught.value)] == []


def test_check_reads_what_the_deployment_asked_for() -> None:
    settings = CheckDatabaseSettings.from_env(
        CHECK | {"DB_INSTANCE_CLASS": "db.r6g.2xlarge", "LOG_DESTINATION": "stderr"}
    )

    assert settings.plan == ServerPlan("db.r6g.2xlarge", 300, "stderr")


def test_secret_of_the_metrics_is_required_where_it_is_used() -> None:
    with pytest.raises(
        ConfigurationError, match=r"^METRICS_SECRET_ARN is not set, allowed: .* METRICS_AUTHENTICATION is"
    ):
        SetUpDatabaseSettings.from_env(SET_UP | {"METRICS_AUTHENTICATION": "secret"})


@pytest.mark.parametrize(
    ("changes", "roles"),
    [
        ({}, ["langpont_app", "langpont_readonly"]),
        (
            {"METRICS_AUTHENTICATION": "secret", "METRICS_SECRET_ARN": ARN.format("Metrics")},
            ["langpont_app", "langpont_readonly", "langpont_metrics"],
        ),
    ],
)
def test_roles_with_a_password_have_a_secret(changes: dict[str, str], roles: list[str]) -> None:
    settings = SetUpDatabaseSettings.from_env(SET_UP | changes)

    assert list(settings.role_secret_arns) == roles
    assert settings.role_secret_arns["langpont_app"] == ARN.format("App")


def test_roles_follow_connections_and_authentication() -> None:
    settings = SetUpDatabaseSettings.from_env(SET_UP | {"MAX_CONNECTIONS": "1000"})

    limits = {role.name: role.connection_limit for role in settings.roles}
    assert limits == {"langpont_app": 900, "langpont_readonly": 900, "langpont_metrics": 10}
    assert settings.metrics_authentication is Authentication.IAM
