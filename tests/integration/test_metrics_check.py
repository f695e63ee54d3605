"""`make metrics-check` on the embedded cluster, or on one of its own that nothing of is left."""

import os
import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from local.checkout import Checkout
from local.postgres.cluster import Cluster
from local.postgres.topology import Role
from metric_files.__main__ import main
from metric_files.check import check, summary, table
from rds_operations.domain.database_roles import METRICS_ROLE
from rds_operations.domain.databases import DatabaseLogin
from rds_operations.domain.metric_queries import Kind, Node
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.database_setup import PASSWORDS
from tests.functions import FUNCTIONS
from tests.integration.metrics_world import metric

GOOD = metric("good", "SELECT 7 AS metric_value", node=Node.ANY)
BAD = metric("bad", "SELECT 1 AS metric_value FROM nowhere")
EMPTY = metric("empty", "SELECT NULL::integer AS metric_value")
GROWING = metric("growing", "SELECT 5 AS metric_value", kind=Kind.DIFFERENCE)
SPLIT = metric("split", "SELECT 'a' AS part, 3 AS metric_value", dimensions=("part",))


LOGIN = DatabaseLogin(METRICS_ROLE, PASSWORDS[METRICS_ROLE])


def test_every_metric_of_the_project_is_measured_without_failure(cluster: Cluster) -> None:
    run = check(load_metric_queries(FUNCTIONS / "push_metrics" / "queries"), cluster, LOGIN)

    assert [node.failures for node in run.nodes] == [{}, {}]
    assert len(run.primary.published) > 4


def test_table_shows_values_of_both_nodes_no_data_and_errors(cluster: Cluster) -> None:
    run = check([GOOD, BAD, EMPTY, GROWING, SPLIT], cluster, LOGIN)

    output = StringIO()
    Console(file=output, width=120).print(table(run))

    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.getvalue().splitlines() if "│" in line]
    assert rows == [
        ["bad", "primary", 'failed: relation "nowhere" does not exist (42P01)', "Count"],
        ["empty", "primary", "no data", "Count"],
        ["good", "primary", "7", "Count"],
        ["growing", "primary", "0", "Count"],
        ["split", "primary", "part=a: 3", "Count"],
        ["good", "replica", "7", "Count"],
    ]


REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    """A checkout without files, in which nothing is up; signals are handled as before afterwards."""
    handlers = {request: signal.getsignal(request) for request in REQUESTS}
    monkeypatch.setattr("local.checkout._ROOT", tmp_path)
    monkeypatch.setattr("metric_files.__main__.load_metric_queries", lambda _: [GOOD])
    yield Checkout.of_metrics_check()
    for request, handler in handlers.items():
        signal.signal(request, handler)


@pytest.mark.parametrize("request_to_end", REQUESTS, ids=lambda request: request.name)
def test_a_request_to_end_stops_the_own_cluster_and_is_one_line(
    elsewhere: Checkout,
    request_to_end: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    primaries: list[int] = []

    def interrupted(_queries: object, cluster: Cluster, _login: object) -> None:
        data = cluster.members.node(Role.PRIMARY).data
        primaries.append(int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0]))
        os.kill(os.getpid(), request_to_end)

    monkeypatch.setattr("metric_files.__main__.check", interrupted)

    status = main()

    assert (status, capsys.readouterr().err) == (130, "interrupted: what this command started has been stopped\n")
    assert not any(psutil.pid_exists(primary) for primary in primaries)
    assert primaries
    assert not elsewhere.local.exists()


def test_the_own_cluster_of_a_killed_check_is_among_what_down_stops() -> None:
    assert Checkout.of_metrics_check() in Checkout.every_state()


def test_last_line_names_what_failed_on_whichever_node_once(cluster: Cluster) -> None:
    nowhere = metric("everywhere_bad", "SELECT 1 AS metric_value FROM nowhere", node=Node.ANY)

    run = check([GOOD, BAD, nowhere], cluster, LOGIN)

    assert summary(run, 3) == "3 metrics, 2 failed: bad, everywhere_bad"
    assert summary(check([GOOD], cluster, LOGIN), 1) == "1 metrics, 0 failed"
