"""push_metrics as Lambda runs it, on real servers, with Secrets Manager played by moto."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.seed import DATABASE
from rds_operations.domain.database_roles import METRICS_ROLE
from rds_operations.domain.metric_queries import Kind, MetricQuery, Node
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.integration.conftest import PostgresServer

REGION = "ap-northeast-1"
PRIMARY, REPLICA = "langpont-dev-db", "langpont-dev-replica-1"


def variables_of(server: PostgresServer) -> dict[str, str]:
    """Return where the one server is, as the function is told."""
    return {
        "DB_HOST": server.host,
        "DB_PORT": str(server.port),
        "DB_HOST_ADDRESS": server.host_address,
        "DB_CA_BUNDLE": str(server.ca_bundle),
    }


def variables_of_cluster(cluster: Cluster) -> dict[str, str]:
    """Return where the primary and the replica of a cluster are, as the function is told."""
    writer, replica = cluster.writer, cluster.replica
    return {
        "DB_HOST": writer.host,
        "DB_PORT": str(writer.port),
        "DB_HOST_ADDRESS": writer.host_address,
        "DB_CA_BUNDLE": str(writer.ca_bundle),
        "DB_REPLICAS": f"{REPLICA}={_place(replica)}",
    }


@contextmanager
def deployed(where: Mapping[str, str], password: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Set what Lambda sets for the handler, for the block; the password is in a secret."""
    login = {"username": METRICS_ROLE, "password": password}
    with mock_aws():
        secret = boto3.client("secretsmanager", REGION).create_secret(Name="metrics", SecretString=json.dumps(login))
        variables = {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "PROJECT_NAME": "langpont",
            "ENVIRONMENT": "dev",
            "DB_INSTANCE_IDENTIFIER": PRIMARY,
            "DB_NAME": DATABASE,
            "DB_USER": METRICS_ROLE,
            "DB_AUTH": "secret",
            "DB_SECRET_ARN": secret["ARN"],
            "POWERTOOLS_SERVICE_NAME": "push_metrics",
            "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
            **where,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield variables


def metric(
    name: str,
    sql: str = "SELECT 1 AS metric_value",
    *,
    dimensions: tuple[str, ...] = (),
    node: Node = Node.PRIMARY,
    kind: Kind = Kind.GAUGE,
    timeout: timedelta = timedelta(seconds=20),
) -> MetricQuery:
    """Return a metric beside those of the files."""
    return MetricQuery(name, sql, "Count", "Made up", timeout, dimensions, node=node, kind=kind)


def app_with(monkeypatch: pytest.MonkeyPatch, *queries: MetricQuery) -> ModuleType:
    """Return the function, newly started, with other metrics than those of the files."""
    app = load_app("push_metrics")
    monkeypatch.setattr(app, "queries", queries)
    return app


def invoke(app: ModuleType, event: object) -> dict[str, Any]:
    """Return what the function answers."""
    response: dict[str, Any] = app.handler(event, FakeLambdaContext("push_metrics"))
    return response


def embedded(printed: str) -> list[dict[str, Any]]:
    """Return the embedded-metric lines among what was printed."""
    return [line for line in map(json.loads, printed.splitlines()) if "_aws" in line]


def _place(endpoint: Endpoint) -> str:
    return f"{endpoint.host}:{endpoint.port}:{endpoint.host_address}"
