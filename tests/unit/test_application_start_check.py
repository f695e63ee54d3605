"""What is wrong at start, what is only down, and the arithmetic of pools."""

from dataclasses import replace

import pytest
from botocore.exceptions import MetadataRetrievalError

from langpont_db import ConfigurationError, Settings
from langpont_db.connecting import Connector
from langpont_db.events import Event, Events
from langpont_db.nodes import Node
from langpont_db.settings import Login, PoolSize
from langpont_db.start_check import Answer, ServerFacts, _too_large, check_at_start, is_down
from langpont_db.urls import parse_url
from rds_postgres.errors import AuthenticationFailedError, PostgresError, UnreachableError
from rds_postgres.tokens import SigningCredentials

URL = "postgresql://app@db.example.com/langpont"
FACTS = ServerFacts(
    is_in_recovery=False,
    system=7,
    server="a",
    backend_pid=4711,
    max_connections=300,
    reserved_connections=3,
    role_limit=-1,
    has_statement_timeout=True,
)


def _node(name: str, most: int) -> Node:
    connector = Connector(parse_url("url", URL), Settings(primary_url=URL), statement_timeout_seconds=60)
    return Node(name=name, connector=connector, pool=PoolSize(most, 0))


NODES = {"primary": _node("primary", 50), "replica-1": _node("replica-1", 40)}


def _complaints(primary: Answer, replica: Answer, processes: int) -> list[str]:
    return list(_too_large(NODES, {"primary": primary, "replica-1": replica}, processes))


@pytest.mark.parametrize(("role_limit", "limit"), [(-1, 297), (270, 270), (297, 297), (298, 297), (1000, 297), (0, 0)])
def test_role_gets_the_smaller_of_its_limit_and_what_is_not_reserved(role_limit: int, limit: int) -> None:
    assert replace(FACTS, role_limit=role_limit).limit[0] == limit


def test_each_server_has_to_take_its_own_pools() -> None:
    direct = Answer(FACTS, is_pooled=False)
    elsewhere = Answer(replace(FACTS, server="b"), is_pooled=False)

    assert _complaints(direct, elsewhere, processes=5) == []
    (complaint,) = _complaints(direct, elsewhere, processes=6)
    assert "6 processes with pools of primary 50 + 1 open up to 306, allowed: 297" in complaint


def test_pools_that_lead_to_one_server_count_together() -> None:
    direct = Answer(FACTS, is_pooled=False)

    (complaint,) = _complaints(direct, direct, processes=4)

    assert "pools of primary 50 + 1 and replica-1 40 + 1 open up to 368, allowed: 297" in complaint


def test_what_is_behind_a_pooler_is_the_poolers_to_count() -> None:
    pooled = Answer(FACTS, is_pooled=True)

    assert _complaints(pooled, pooled, processes=100) == []


def _check_with(error: Exception) -> Events:
    def fail() -> SigningCredentials:
        raise error

    settings = Settings(primary_url=URL, login=Login.IAM, region="ap-northeast-1", credentials=fail)
    connector = Connector(parse_url("url", URL), settings, statement_timeout_seconds=60)
    events = Events()
    check_at_start({"primary": Node(name="primary", connector=connector, pool=PoolSize(1, 0))}, events, processes=1)
    return events


def test_application_starts_while_its_credentials_cannot_be_fetched() -> None:
    assert _check_with(MetadataRetrievalError(error_msg="no answer")).counts == {Event.UNREACHABLE_AT_START: 1}


def test_application_without_credentials_does_not_start() -> None:
    with pytest.raises(ConfigurationError, match=r"^primary: no AWS credentials were found to sign a token with$"):
        _check_with(AuthenticationFailedError("no AWS credentials were found to sign a token with"))


@pytest.mark.parametrize(
    ("failure", "passes"),
    [
        (UnreachableError("db.example.com:5432 cannot be reached: connection refused"), True),
        (
            UnreachableError(
                "failed to resolve host 'db.example.com': [Errno -3] Temporary failure in name resolution"
            ),
            True,
        ),
        (UnreachableError('could not translate host name "db" to address: Temporary failure in name resolution'), True),
        (UnreachableError("failed to resolve host 'db': [Errno -2] Name or service not known"), False),
        (UnreachableError('could not translate host name "db" to address: Name or service not known'), False),
        (AuthenticationFailedError("db.example.com:5432 refused app"), False),
    ],
)
def test_only_what_may_pass_by_itself_is_down(failure: PostgresError, *, passes: bool) -> None:
    assert is_down(failure) is passes
