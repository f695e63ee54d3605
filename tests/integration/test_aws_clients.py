"""Clients of AWS are made of what the environment says, with limits, and without boto3."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rds_operations.adapters.aws_clients import aws_client, shared_session
from tests.functions import FUNCTIONS

LAYERS = FUNCTIONS.parent / "layers"


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")


def client(**options: Any) -> Any:
    return aws_client("sns", connect_timeout_seconds=3, read_timeout_seconds=5, attempts=2, **options)


def test_every_wait_has_its_limit() -> None:
    config = client().meta.config

    assert (config.connect_timeout, config.read_timeout) == (3, 5)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}


@pytest.mark.parametrize("keeps", [False, True])
def test_connection_is_kept_alive_where_that_is_asked(keeps: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert client(keeps_connection_alive=keeps).meta.config.tcp_keepalive is keeps


def test_clients_share_one_session() -> None:
    first = shared_session()

    client()

    assert shared_session() is first


def test_client_is_of_the_region_of_the_environment() -> None:
    assert client().meta.region_name == "ap-northeast-1"


def test_endpoint_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

    assert client().meta.endpoint_url == "http://127.0.0.1:4566"


def test_no_adapter_loads_boto3() -> None:
    folder = LAYERS / "operations"
    modules = [
        f"rds_operations.adapters.{path.stem}" for path in (folder / "rds_operations/adapters").glob("[a-z]*.py")
    ]
    program = f"import sys, {', '.join(modules)}; sys.exit('boto3' in sys.modules)"

    subprocess.run([sys.executable, "-c", program], env=_path(folder, LAYERS / "postgres"), check=True)


def _path(*folders: Path) -> dict[str, str]:
    return {"PYTHONPATH": ":".join(map(str, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
