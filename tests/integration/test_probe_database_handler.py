"""probe_database through its handler: on a primary, a replica, a server that hangs, and one that is gone."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.free_ports import find_free_ports
from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.seed import DATABASE
from local.postgres.topology import Role
from rds_operations.domain.database_roles import METRICS_ROLE
from rds_operations.domain.errors import InvalidEventError
from tests.database_setup import PASSWORDS, Place, set_up
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.integration.clusters import ask, connect
from tests.samples import sample, sample_names

CONTEXT = FakeLambdaContext("probe_database")
REGION = "ap-northeast-1"
LONGEST_SECONDS = 10.0


class Probed:
    """Points the handler at an endpoint of the cluster."""

    def __init__(self, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = cluster
        self._monkeypatch = monkeypatch

    def ask(self, endpoint: Endpoint, event: object | None = None) -> dict[str, Any]:
        """Return the handler's answer, which has to come soon, whatever it is."""
        self._monkeypatch.setenv("DB_HOST", endpoint.host)
        self._monkeypatch.setenv("DB_PORT", str(endpoint.port))
        app = load_app("probe_database")
        began = time.monotonic()
        response: dict[str, Any] = app.handler({} if event is None else event, CONTEXT)
        assert time.monotonic() - began < LONGEST_SECONDS
        json.dumps(response)
        return response


@pytest.fixture
def probed(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Probed]:
    writer = cluster.writer
    master = Place(writer.host, writer.host_address, writer.port, writer.ca_bundle, DATABASE).as_user(
        MASTER_USER, read_password(cluster.folders, MASTER_USER)
    )
    set_up(master).raise_failures()
    login = {"username": METRICS_ROLE, "password": PASSWORDS[METRICS_ROLE]}
    with mock_aws():
        secret = boto3.client("secretsmanager", REGION).create_secret(Name="metrics", SecretString=json.dumps(login))
        variables = {
            "AWS_DEFAULT_REGION": REGION,
            "PROJECT_NAME": "langpont",
            "ENVIRONMENT": "prod",
            "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
            "DB_NAME": DATABASE,
            "DB_USER": METRICS_ROLE,
            "DB_AUTH": "secret",
            "DB_SECRET_ARN": secret["ARN"],
            "DB_CA_BUNDLE": str(writer.ca_bundle),
            "DB_HOST_ADDRESS": writer.host_address,
            "POWERTOOLS_SERVICE_NAME": "probe_database",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield Probed(cluster, monkeypatch)


@pytest.mark.parametrize("name", sample_names("probe_database"))
def test_primary_is_writable_and_names_its_replica(probed: Probed, name: str) -> None:
    response = probed.ask(probed.cluster.writer, sample("probe_database", name))

    (replica,) = response.pop("replicas")
    assert response.pop("connect_ms") >= 0
    assert response.pop("server_version").startswith("16.")
    assert response == {"reachable": True, "writable": True, "in_recovery": False, "error": None}
    assert (replica["name"], replica["state"]) == ("replica_1", "streaming")
    assert replica["replay_lag_bytes"] >= 0
    assert replica["replay_lag_seconds"] is None or replica["replay_lag_seconds"] >= 0


def test_write_is_in_the_log_and_nowhere_in_the_database(probed: Probed) -> None:
    flushed, tables = "SELECT pg_current_wal_flush_lsn()", "SELECT count(*) FROM pg_class"
    with connect(probed.cluster) as master:
        before, tables_before = ask(master, flushed), ask(master, tables)

        response = probed.ask(probed.cluster.writer)

        assert response["writable"] is True
        assert ask(master, f"{flushed} > '{before}'") is True
        assert ask(master, tables) == tables_before


def test_replica_is_reachable_and_not_writable(probed: Probed) -> None:
    response = probed.ask(probed.cluster.replica)

    assert (response["reachable"], response["writable"], response["in_recovery"]) == (True, False, True)
    assert (response["replicas"], response["error"]) == ([], None)


def test_stopped_server_is_an_answer(probed: Probed) -> None:
    replica = probed.cluster.members.node(Role.REPLICA)
    replica.stop()

    response = probed.ask(probed.cluster.replica)

    assert response["reachable"] is False
    assert response["writable"] is response["in_recovery"] is response["server_version"] is None
    assert "cannot be reached" in response["error"]


def test_server_whose_commits_hang_is_not_writable(probed: Probed) -> None:
    probed.cluster.members.node(Role.STANDBY).kill()

    response = probed.ask(probed.cluster.writer)

    assert (response["reachable"], response["writable"], response["in_recovery"]) == (True, False, False)
    assert response["error"] == "it takes no writes: no answer within 2 s"


def test_port_that_nobody_listens_on_is_an_answer(probed: Probed) -> None:
    writer = probed.cluster.writer

    response = probed.ask(Endpoint(writer.host, find_free_ports(1)[0], writer.ca_bundle))

    assert response["reachable"] is False


def test_refused_login_is_an_answer(probed: Probed) -> None:
    with probed.cluster.connect_as_superuser() as superuser:
        superuser.execute("ALTER ROLE langpont_metrics NOLOGIN")
        try:
            response = probed.ask(probed.cluster.writer)
        finally:
            superuser.execute("ALTER ROLE langpont_metrics LOGIN")

    assert response["reachable"] is False
    assert "is not permitted to log in" in response["error"]


def test_server_that_takes_no_more_connections_is_an_answer(probed: Probed) -> None:
    with probed.cluster.connect_as_superuser() as superuser:
        superuser.execute("ALTER ROLE langpont_metrics CONNECTION LIMIT 0")
        try:
            response = probed.ask(probed.cluster.writer)
        finally:
            superuser.execute("ALTER ROLE langpont_metrics CONNECTION LIMIT 10")

    assert response["reachable"] is False
    assert "too many connections" in response["error"]


@pytest.mark.parametrize("event", [{"write": False}, [], "all"])
def test_event_that_asks_for_something_is_refused(probed: Probed, event: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^the event is .*, allowed: an empty object$"):
        probed.ask(probed.cluster.writer, event)
