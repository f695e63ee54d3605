"""Times a warm run of push_metrics beside `psql` with the same queries in one session, on a PostgreSQL of its own.

Both connect over verified TLS as the metrics role, ask the primary every query that it can be asked, and end. The
function does it through its handler, limits, embedded metrics and log lines included, and logs in by IAM: its token is
signed, and then a fixed one is sent in its place, because PostgreSQL outside of RDS cannot check tokens.
"""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import perf_counter
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from benchmarks.planning import ROOT
from local.instances import ENDPOINT_NAMES
from local.postgres.cluster import Cluster
from local.postgres.programs import Programs, find_programs
from local.postgres.seed import DATABASE
from metric_files.logins import set_up_login
from rds_operations.domain.database_roles import METRICS_ROLE
from rds_operations.domain.metric_queries import Node
from rds_postgres.tokens import sign_token

ROUNDS = 10
_TOKEN = "in the place of a token"  # noqa: S105 - of a cluster that lives as long as the measurement
_APP = ROOT / "functions" / "push_metrics" / "app.py"


@dataclass(frozen=True, slots=True)
class MetricRuns:
    """A warm run of the function and psql's.

    Args:
        queries: How many queries each asks.
        seconds: The function's, the shortest of the rounds.
        psql_seconds: psql's, from its start to its end.
        aws_calls: How many connections Python opened in all rounds of the function; the database's are libpq's.
    """

    queries: int
    seconds: float
    psql_seconds: float
    aws_calls: int

    @property
    def ratio(self) -> float:
        """Return how many times psql's time the function takes."""
        return self.seconds / self.psql_seconds


def measure_metric_runs(scratch: Path, rounds: int = ROUNDS) -> MetricRuns:
    """Return a measurement, on a cluster that is started for it and stopped afterwards.

    Args:
        scratch: An empty folder.
        rounds: How often each runs, in turn.
    """
    cluster = Cluster(scratch / "cluster")
    try:
        cluster.up(ENDPOINT_NAMES)
        set_up_login(cluster, _TOKEN)
        with _function(cluster) as app:
            return _measured(app, cluster, scratch, rounds)
    finally:
        cluster.down()


def _measured(app: ModuleType, cluster: Cluster, scratch: Path, rounds: int) -> MetricRuns:
    queries = [query for query in app.queries if query.node is not Node.REPLICA]
    event = {"metrics": [query.name for query in queries]}
    script = scratch / "queries.sql"
    script.write_text("".join(f"{query.sql};\n" for query in queries), encoding="utf-8")
    _run(app, event)
    calls = _Connections()
    pairs = [(_timed_run(app, event, calls), _timed_psql(cluster, script)) for _ in range(rounds)]
    seconds, psql_seconds = (min(column) for column in zip(*pairs, strict=True))
    return MetricRuns(len(queries), seconds, psql_seconds, calls.count)


class _Connections:
    """Counts the connections that Python's own sockets open while it listens."""

    def __init__(self) -> None:
        self.count = 0
        self.listens = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _: object) -> None:
        if self.listens and event in {"socket.connect", "socket.getaddrinfo"}:
            self.count += 1


def _timed_run(app: ModuleType, event: Mapping[str, object], calls: _Connections) -> float:
    calls.listens = True
    began = perf_counter()
    response = _run(app, event)
    taken = perf_counter() - began
    calls.listens = False
    if response["failed"]:
        raise AssertionError(f"what fails is not measured: {response['failed']}")
    return taken


def _run(app: ModuleType, event: Mapping[str, object]) -> dict[str, Any]:
    context = SimpleNamespace(
        function_name="push_metrics", memory_limit_in_mb=256, invoked_function_arn="arn", aws_request_id="id"
    )
    response: dict[str, Any] = app.handler(event, context)
    return response


def _timed_psql(cluster: Cluster, script: Path) -> float:
    programs, writer = find_programs(), cluster.writer
    place = {"host": writer.host, "hostaddr": writer.host_address, "port": str(writer.port), "dbname": DATABASE}
    tls = {
        "user": METRICS_ROLE,
        "sslmode": "verify-full",
        "sslrootcert": str(writer.ca_bundle),
        "gssencmode": "disable",
    }
    connection = " ".join(f"{name}={value}" for name, value in {**place, **tls}.items())
    command = [_psql(programs), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", str(script), connection]
    began = perf_counter()
    subprocess.run(command, env={**programs.environment(), "PGPASSWORD": _TOKEN}, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began


def _psql(programs: Programs) -> str:
    # Without the change of user that the servers need.
    return str(programs.folder / "bin" / "psql")


@contextlib.contextmanager
def _function(cluster: Cluster) -> Iterator[ModuleType]:
    def sign_and_replace(**arguments: Any) -> str:
        sign_token(**arguments)
        return _TOKEN

    signing = patch("rds_operations.adapters.token_login.sign_token", sign_and_replace)
    # The logger keeps the output that it found when it was made.
    with patch.dict(os.environ, _variables(cluster)), signing, contextlib.redirect_stdout(io.StringIO()):
        yield _loaded(_APP)


def _loaded(path: Path) -> ModuleType:
    spec = spec_from_file_location("measured_app", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _variables(cluster: Cluster) -> dict[str, str]:
    writer = cluster.writer
    return {
        "AWS_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_SESSION_TOKEN": "",
        "PROJECT_NAME": "langpont",
        "ENVIRONMENT": "prod",
        "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
        "DB_HOST": writer.host,
        "DB_PORT": str(writer.port),
        "DB_HOST_ADDRESS": writer.host_address,
        "DB_CA_BUNDLE": str(writer.ca_bundle),
        "DB_NAME": DATABASE,
        "DB_USER": METRICS_ROLE,
        "DB_AUTH": "iam",
        "POWERTOOLS_SERVICE_NAME": "push_metrics",
        "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
    }
