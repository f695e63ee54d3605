"""probe_database through its handler, pointed at the embedded cluster; the secret with its password is moto's."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.seed import DATABASE
from rds_operations.domain.database_roles import METRICS_ROLE
from tests.database_setup import PASSWORDS, set_up
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.integration.clusters import place_of

CONTEXT = FakeLambdaContext("probe_database")
REGION = "ap-northeast-1"
REPLICA = "langpont-prod-replica-1"
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


@contextmanager
def probed_cluster(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Probed]:
    """Set the cluster up, and point the handler at it for the block."""
    writer = cluster.writer
    set_up(place_of(writer).as_user(MASTER_USER, read_password(cluster.folders, MASTER_USER))).raise_failures()
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
            "DB_REPLICAS": f"{REPLICA}={cluster.replica.host}:{cluster.replica.port}",
            "POWERTOOLS_SERVICE_NAME": "probe_database",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield Probed(cluster, monkeypatch)
