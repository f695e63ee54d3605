"""Logins out of Secrets Manager."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber
from mypy_boto3_secretsmanager import SecretsManagerClient

from rds_operations.adapters.database_logins import login_source
from rds_operations.adapters.secrets import SecretLogin
from rds_operations.domain.databases import Authentication, DatabaseEndpoint, DatabaseLogin
from rds_operations.domain.errors import ConfigurationError, OperationsError, RefusedError, RetryableError
from rds_operations.domain.signing import SigningIdentity

ARN = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:MetricsSecret-a1b2C3"
SECRET = json.dumps({"username": "langpont_metrics", "password": "pass-word"})


@pytest.fixture
def client() -> SecretsManagerClient:
    # One attempt: the retries' waits are botocore's own business.
    return boto3.client(
        "secretsmanager",
        region_name="ap-northeast-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def secrets(client: SecretsManagerClient) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber


def answer(secrets: Stubber, **content: str | bytes) -> None:
    response = {"ARN": ARN, "Name": "MetricsSecret", **content}
    secrets.add_response("get_secret_value", response, {"SecretId": ARN})


def test_login_is_read_in_one_call(client: SecretsManagerClient, secrets: Stubber) -> None:
    answer(secrets, SecretString=SECRET)

    login = SecretLogin(ARN, lambda: client)()

    assert login == DatabaseLogin("langpont_metrics", "pass-word")
    assert "pass-word" not in repr(login)
    secrets.assert_no_pending_responses()


def test_rotated_password_is_read_at_the_next_login(client: SecretsManagerClient, secrets: Stubber) -> None:
    answer(secrets, SecretString=SECRET)
    answer(secrets, SecretString=SECRET.replace("pass-word", "rotated"))
    clients = [client]
    login = SecretLogin(ARN, clients.pop)

    assert [login().password, login().password] == ["pass-word", "rotated"]


@pytest.mark.parametrize(
    "content",
    [
        {"SecretString": "pass-word"},
        {"SecretString": '["pass-word"]'},
        {"SecretString": '{"password": "pass-word"}'},
        {"SecretString": '{"username": "", "password": "pass-word"}'},
        {"SecretString": '{"username": "langpont_metrics", "password": 1}'},
        {"SecretBinary": b"pass-word"},
    ],
)
def test_secret_of_another_form_is_refused_and_not_shown(
    content: dict[str, str | bytes], client: SecretsManagerClient, secrets: Stubber
) -> None:
    answer(secrets, **content)

    with pytest.raises(
        ConfigurationError, match="allowed: a JSON object with the texts username and password"
    ) as caught:
        SecretLogin(ARN, lambda: client)()

    assert ARN in str(caught.value)
    assert "pass-word" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ResourceNotFoundException", RefusedError),
        ("AccessDeniedException", RefusedError),
        ("DecryptionFailure", RefusedError),
        ("InvalidParameterException", RefusedError),
        ("InvalidRequestException", RefusedError),
        ("InternalServiceError", RetryableError),
        ("ThrottlingException", RetryableError),
        ("ExpiredTokenException", RetryableError),
    ],
)
def test_error_of_secrets_manager_is_translated(
    code: str, kind: type[OperationsError], client: SecretsManagerClient, secrets: Stubber
) -> None:
    secrets.add_client_error("get_secret_value", code, "no", expected_params={"SecretId": ARN})

    with pytest.raises(kind, match=f"reading the secret {ARN} .*{code}"):
        SecretLogin(ARN, lambda: client)()


def test_unreachable_secrets_manager_is_retryable(client: SecretsManagerClient) -> None:
    def never_answers(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://secretsmanager.ap-northeast-1.amazonaws.com")

    client.meta.events.register("before-send", never_answers)

    with pytest.raises(RetryableError, match="could not be reached"):
        SecretLogin(ARN, lambda: client)()


def test_way_to_log_in_decides_where_the_login_comes_from() -> None:
    def nobody() -> SigningIdentity:
        raise AssertionError("nobody signs where a secret is read")

    endpoint = DatabaseEndpoint("db.example", 5432)

    login = login_source(
        Authentication.SECRET, endpoint=endpoint, user="langpont_metrics", secret_arn=ARN, identity=nobody
    )

    assert isinstance(login, SecretLogin)
