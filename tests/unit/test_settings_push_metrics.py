"""Settings of push_metrics, and what Lambda adds to them."""

import re

import pytest

from rds_operations.domain.databases import Authentication, DatabaseEndpoint, ReplicaEndpoint
from rds_operations.domain.errors import ConfigurationError
from rds_operations.runtime.settings.push_metrics import PushMetricsSettings
from rds_operations.runtime.settings.signing import signing_identity
from tests.whole_tables import for_each

SECRET_ARN = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:MetricsSecret-a1b2C3"
HOST = "langpont-prod-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com"
REQUIRED = {
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "prod",
    "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
    "DB_HOST": HOST,
    "DB_PORT": "5432",
    "DB_NAME": "langpont",
    "DB_USER": "langpont_metrics",
    "DB_AUTH": "iam",
}
OPTIONAL = ("DB_CA_BUNDLE", "DB_HOST_ADDRESS", "DB_SECRET_ARN", "DB_REPLICAS")
FROM_LAMBDA = {
    "AWS_REGION": "ap-northeast-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "very/secret",
    "AWS_SESSION_TOKEN": "session/secret",
}


def test_valid_environment_is_read() -> None:
    settings = PushMetricsSettings.from_env(
        REQUIRED
        | {"DB_AUTH": "secret", "DB_SECRET_ARN": SECRET_ARN, "DB_CA_BUNDLE": "/opt/ca.pem"}
        | {"DB_HOST_ADDRESS": "127.0.0.1", "DB_REPLICAS": ""}
    )

    assert settings.endpoint == DatabaseEndpoint(HOST, 5432, "127.0.0.1")
    assert settings.db_auth is Authentication.SECRET
    assert settings.db_secret_arn == SECRET_ARN
    assert settings.db_ca_bundle == "/opt/ca.pem"


@pytest.mark.parametrize("variables", [REQUIRED, REQUIRED | dict.fromkeys(OPTIONAL, "")])
def test_optional_settings_are_empty_by_default(variables: dict[str, str]) -> None:
    settings = PushMetricsSettings.from_env(variables)

    assert (settings.db_ca_bundle, settings.db_host_address, settings.db_secret_arn) == ("", "", "")
    assert settings.db_replicas == ()


def test_replicas_are_read() -> None:
    variables = REQUIRED | {"DB_REPLICAS": "replica-1=r1.example:5432,replica-2=r2.example:65535:::1"}

    assert PushMetricsSettings.from_env(variables).db_replicas == (
        ReplicaEndpoint("replica-1", DatabaseEndpoint("r1.example", 5432)),
        ReplicaEndpoint("replica-2", DatabaseEndpoint("r2.example", 65535, "::1")),
    )


@for_each("name", REQUIRED)
@for_each("value", ["", "  ", None])
def test_missing_or_empty_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: text for key, text in (REQUIRED | {name: value}).items() if text is not None}

    with pytest.raises(ConfigurationError, match=f"^{name} is .*, allowed: "):
        PushMetricsSettings.from_env(variables)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_HOST", "host name"),
        ("DB_HOST", "-host"),
        ("DB_PORT", "0"),
        ("DB_PORT", "65536"),
        ("DB_AUTH", "password"),
        ("DB_CA_BUNDLE", "ca.pem"),
        ("DB_HOST_ADDRESS", "localhost"),
        ("DB_SECRET_ARN", "MetricsSecret"),
        ("DB_REPLICAS", "replica-1"),
        ("DB_REPLICAS", "replica-1=r1.example"),
        ("DB_REPLICAS", "replica-1=r1.example:65536"),
        ("DB_REPLICAS", "replica-1=r1.example:5432:localhost"),
        ("DB_REPLICAS", "replica-1=r1.example:5432,"),
        ("DB_REPLICAS", "a=r1.example:5432,b=r2.example:5432,a=r3.example:5432"),
    ],
)
def test_value_that_is_not_allowed_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '{re.escape(value)}', allowed: "):
        PushMetricsSettings.from_env(REQUIRED | {name: value})


def test_secret_is_required_where_it_is_used() -> None:
    with pytest.raises(ConfigurationError, match=r"^DB_SECRET_ARN is not set, allowed: the ARN of a secret"):
        PushMetricsSettings.from_env(REQUIRED | {"DB_AUTH": "secret"})


def test_all_wrong_variables_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        PushMetricsSettings.from_env({})

    assert all(f"{name} is not set" in str(caught.value) for name in REQUIRED)


def test_identity_of_the_function_is_read() -> None:
    identity = signing_identity(FROM_LAMBDA)

    assert identity.region == "ap-northeast-1"
    assert identity.access_key_id == "AKIDEXAMPLE"
    assert (identity.secret_access_key, identity.session_token) == ("very/secret", "session/secret")


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_missing_identity_is_named_without_a_secret(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is ''") as caught:
        signing_identity(FROM_LAMBDA | {name: ""})

    assert "secret'" not in str(caught.value)
    assert "very" not in str(caught.value)


def test_representation_of_an_identity_shows_no_secret() -> None:
    assert "secret" not in repr(signing_identity(FROM_LAMBDA))


def test_replica_without_an_address_is_where_the_primary_is() -> None:
    settings = PushMetricsSettings.from_env(
        REQUIRED
        | {"DB_HOST_ADDRESS": "127.0.0.1", "DB_REPLICAS": "replica-1=a.example:5432,replica-2=b.example:5433:::1"}
    )

    assert settings.endpoints == {
        "langpont-prod-db": DatabaseEndpoint(HOST, 5432, "127.0.0.1"),
        "replica-1": DatabaseEndpoint("a.example", 5432, "127.0.0.1"),
        "replica-2": DatabaseEndpoint("b.example", 5433, "::1"),
    }
