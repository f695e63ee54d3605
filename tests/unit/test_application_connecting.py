"""How a connection is made: fresh tokens, limits of time, and no writer that is a replica."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from botocore.exceptions import ClientError, MetadataRetrievalError
from sqlalchemy.util import greenlet_spawn

from langpont_db import Settings, UnreachableError
from langpont_db.connecting import Connector
from langpont_db.settings import Login
from langpont_db.urls import parse_url
from rds_postgres.credentials import _session, find_credentials
from rds_postgres.errors import AuthenticationFailedError, PostgresError
from rds_postgres.tokens import SigningCredentials

URL = "postgresql://langpont_app@langpont-prod-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com:6543/langpont"


class Refusing:
    """Stands for a dialect; says no to what a pooler says no to, and keeps what it was told."""

    def __init__(self, *, refusal: str = "") -> None:
        self.refusal = refusal
        self.told: list[dict[str, Any]] = []
        self.in_hot_standby = "off"
        self.is_async = False
        self.closed = 0

    @property
    def info(self) -> "Refusing":
        return self

    def parameter_status(self, _: str) -> str:
        return self.in_hot_standby

    def close(self) -> None:
        self.closed += 1

    def connect(self, **parameters: Any) -> "Refusing":
        self.told.append(parameters)
        if self.refusal and "options" in parameters:
            raise psycopg.OperationalError(self.refusal)
        return self


def _connector(url: str = URL, **options: Any) -> Connector:
    settings = Settings(primary_url=url, **options)
    return Connector(parse_url("primary_url", url), settings, statement_timeout_seconds=60)


def _with_iam(access_key: str = "AKIDEXAMPLE") -> Connector:
    return _connector(
        login=Login.IAM, region="ap-northeast-1", credentials=lambda: SigningCredentials(access_key, "secret")
    )


def test_token_is_signed_for_the_endpoint_and_the_role() -> None:
    password = _with_iam().parameters()["password"]

    token = urlsplit(f"https://{password}")
    assert token.netloc == "langpont-prod-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com:6543"
    assert parse_qs(token.query)["DBUser"] == ["langpont_app"]
    assert parse_qs(token.query)["X-Amz-Expires"] == ["900"]


def test_every_connection_signs_with_the_credentials_of_that_moment() -> None:
    keys = iter(["AKIDFIRST", "AKIDSECOND"])
    connector = _connector(
        login=Login.IAM, region="ap-northeast-1", credentials=lambda: SigningCredentials(next(keys), "secret")
    )
    dialect = Refusing()

    for _ in range(2):
        connector.connect(dialect, {}, must_write=True)

    assert ["AKIDFIRST" in told["password"] for told in dialect.told] == [True, False]


def test_credentials_are_found_where_botocore_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    _session.cache_clear()

    assert find_credentials() == SigningCredentials("AKIDENVIRONMENT", "secret", "session")
    _session.cache_clear()


def test_missing_credentials_are_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    _session.cache_clear()

    with pytest.raises(AuthenticationFailedError, match="no AWS credentials were found"):
        find_credentials()
    _session.cache_clear()


UNFETCHABLE = [
    MetadataRetrievalError(error_msg="no answer"),
    ClientError({"Error": {"Code": "Throttling"}}, "AssumeRole"),
    RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired."),
    ConnectionResetError(),
    AuthenticationFailedError("no AWS credentials were found to sign a token with"),
]


def _signing_with(fetch: Callable[[], SigningCredentials]) -> Connector:
    return _connector(login=Login.IAM, region="ap-northeast-1", credentials=fetch)


@pytest.mark.parametrize("error", UNFETCHABLE, ids=lambda error: type(error).__name__)
def test_credentials_that_cannot_be_fetched_are_an_announced_error(error: Exception) -> None:
    def fail() -> SigningCredentials:
        raise error

    connector = _signing_with(fail)

    with pytest.raises(UnreachableError, match="AWS credentials") as raised:
        connector.connect(Refusing(), {}, must_write=True)
    assert "\n" not in str(raised.value)
    with pytest.raises(PostgresError, match="AWS credentials"):
        connector.parameters()


def test_credentials_are_fetched_beside_the_event_loop() -> None:
    fetched_in: list[threading.Thread] = []

    def fetch() -> SigningCredentials:
        fetched_in.append(threading.current_thread())
        return SigningCredentials("AKIDEXAMPLE", "secret")

    async def use() -> None:
        connector, dialect = _signing_with(fetch), Refusing()
        dialect.is_async = True
        await greenlet_spawn(lambda: connector.connect(dialect, {}, must_write=True))
        await connector.parameters_beside()

    asyncio.run(use())

    assert len(fetched_in) == 2
    assert threading.current_thread() not in fetched_in


def test_limits_of_time_are_asked_for_at_startup_and_the_urls_own_count() -> None:
    dialect = Refusing()

    _connector().connect(dialect, {"options": "-c statement_timeout=1000"}, must_write=True)

    assert dialect.told[0]["options"] == (
        "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000 -c statement_timeout=1000"
    )


@pytest.mark.parametrize(
    "refusal",
    [
        "FATAL:  unsupported startup parameter: options",
        # RDS Proxy's words, as its users quote them; none runs here.
        "FATAL:  Feature not supported: RDS Proxy currently doesn\u2019t support command-line options.",
    ],
)
def test_pooler_that_refuses_limits_is_asked_once_and_then_without(refusal: str) -> None:
    dialect, connector = Refusing(refusal=refusal), _connector()

    for _ in range(2):
        connector.connect(dialect, {}, must_write=True)

    assert ["options" in told for told in dialect.told] == [True, False, False]


def test_refusal_of_another_kind_is_not_asked_around() -> None:
    dialect = Refusing(refusal="FATAL:  sorry, too many clients already")

    with pytest.raises(psycopg.OperationalError, match="too many clients"):
        _connector().connect(dialect, {}, must_write=True)
    assert len(dialect.told) == 1


def test_writer_that_is_in_recovery_is_hung_up_on() -> None:
    dialect, connector = Refusing(), _connector()
    connector.is_direct = True
    dialect.in_hot_standby = "on"

    with pytest.raises(psycopg.OperationalError, match="takes no writes"):
        connector.connect(dialect, {}, must_write=True)
    assert dialect.closed == 1
    connector.connect(dialect, {}, must_write=False)


def test_pooler_is_not_believed_what_its_server_was_once() -> None:
    dialect = Refusing()
    dialect.in_hot_standby = "on"

    _connector().connect(dialect, {}, must_write=True)

    assert dialect.closed == 0
