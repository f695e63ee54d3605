"""Tokens that stand for passwords."""

import socket
import subprocess
import sys
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from rds_operations.adapters.token_login import TokenLogin
from rds_operations.domain.databases import DatabaseEndpoint
from rds_operations.domain.signing import SigningIdentity
from rds_postgres.tokens import SigningCredentials, sign_token

HOST = "langpont-prod-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com"
REGION = "ap-northeast-1"
CREDENTIALS = SigningCredentials("AKIDEXAMPLE", "very/secret", "session/secret==")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("signing needs no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("botocore.auth", "botocore.crt.auth"):
        if module in sys.modules:  # the second where awscrt is installed: boto3 then signs with that
            monkeypatch.setattr(f"{module}.get_current_datetime", lambda **_: datetime(2026, 11, 23, 18, tzinfo=UTC))


def token(user: str = "langpont_metrics", credentials: SigningCredentials = CREDENTIALS) -> str:
    return sign_token(host=HOST, port=5432, user=user, region=REGION, credentials=credentials)


def parameters(signed: str) -> dict[str, str]:
    return {key: value for key, (value,) in parse_qs(urlsplit(f"//{signed}").query, strict_parsing=True).items()}


def test_token_is_for_one_role_on_one_endpoint() -> None:
    signed = token()

    assert signed.startswith(f"{HOST}:5432/?")
    assert parameters(signed)["Action"] == "connect"
    assert parameters(signed)["DBUser"] == "langpont_metrics"
    assert parameters(signed)["X-Amz-Security-Token"] == "session/secret=="
    assert f"/{REGION}/rds-db/aws4_request" in parameters(signed)["X-Amz-Credential"]


def test_token_opens_connections_for_15_minutes() -> None:
    assert parameters(token())["X-Amz-Expires"] == "900"


def test_long_lived_credentials_need_no_session() -> None:
    signed = token(credentials=SigningCredentials("AKIDEXAMPLE", "very/secret"))

    assert "X-Amz-Security-Token" not in parameters(signed)


@pytest.mark.parametrize("user", ["langpont_metrics", "name with space+/%"])
@pytest.mark.usefixtures("fixed_time")
def test_token_is_the_one_that_boto3_signs(user: str) -> None:
    client = boto3.client(
        "rds",
        region_name=REGION,
        aws_access_key_id=CREDENTIALS.access_key,
        aws_secret_access_key=CREDENTIALS.secret_key,
        aws_session_token=CREDENTIALS.token,
    )

    assert parameters(token(user)) == parameters(client.generate_db_auth_token(HOST, 5432, user))


def test_credentials_show_no_secret() -> None:
    assert repr(CREDENTIALS) == "SigningCredentials(access_key='AKIDEXAMPLE')"


def test_login_signs_anew_with_the_current_identity() -> None:
    identities = [SigningIdentity(REGION, f"AKID{number}", "very/secret", "session/secret") for number in (1, 2)]
    login = TokenLogin(DatabaseEndpoint(HOST, 5432, "127.0.0.1"), "langpont_metrics", lambda: identities.pop(0))

    first, second = login(), login()

    assert first.password.startswith(f"{HOST}:5432/?")
    assert "X-Amz-Credential=AKID1%2F" in first.password
    assert "X-Amz-Credential=AKID2%2F" in second.password
    assert "X-Amz" not in repr(first)


def test_login_by_token_never_imports_boto3() -> None:
    program = "import sys; from rds_operations.adapters import database_logins; sys.exit('boto3' in sys.modules)"

    ended = subprocess.run([sys.executable, "-c", program], check=False, env={"PYTHONPATH": ":".join(sys.path)})

    assert ended.returncode == 0
