"""push_metrics on a primary with a replica: what a conflict with recovery and a failover during a run cost."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from local.free_ports import find_free_ports
from local.postgres.access import Connection
from local.postgres.cluster import Cluster
from local.postgres.seed import DATABASE
from local.postgres.topology import Role
from local.waiting import wait_until
from rds_operations.domain.database_roles import METRICS_ROLE
from rds_operations.domain.errors import RetryableError
from rds_operations.domain.metric_queries import Kind, Node
from tests.database_setup import PASSWORDS
from tests.integration.metrics_world import (
    PRIMARY,
    REPLICA,
    app_with,
    deployed,
    embedded,
    invoke,
    metric,
    variables_of_cluster,
)

ROLE = metric("in_recovery", "SELECT pg_is_in_recovery()::integer AS metric_value", node=Node.ANY)
SLOW_ON_REPLICA = metric(
    "slow_on_replica", "SELECT count(*) AS metric_value FROM analytics.analytics_events, pg_sleep(8)", node=Node.REPLICA
)
SLOW = metric("slow", "SELECT 1 AS metric_value FROM pg_sleep(2)")
# Stands still on each server and is higher on the standby, which starts later: compared across servers it would jump.
STARTED = metric(
    "started", "SELECT extract(epoch FROM pg_postmaster_start_time()) AS metric_value", kind=Kind.DIFFERENCE
)
EVERYTHING = {"metrics": ["slow", "started", "in_recovery"]}
IS_ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'push_metrics' AND wait_event = 'PgSleep'"


@pytest.fixture(autouse=True)
def environment(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What Lambda sets for the handler."""
    with deployed(variables_of_cluster(cluster), PASSWORDS[METRICS_ROLE], monkeypatch) as variables:
        yield variables


@contextmanager
def meanwhile(observer: Connection, act: Callable[[], object]) -> Iterator[Future[None]]:
    """Do something during the block, once the function waits in its slow query.

    Args:
        observer: A superuser's connection to the server where it waits.
        act: What to do.
    """

    def wait_and_act() -> None:
        wait_until("the slow query to run", lambda: observer.execute(IS_ASLEEP).fetchone() == (1,), deadline_seconds=20)
        act()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(wait_and_act)
        yield future
        future.result(timeout=30)


def node_lines(printed: str) -> dict[str, dict[str, Any]]:
    return {line["DBInstanceIdentifier"]: line for line in embedded(printed)}


def test_values_of_each_node_carry_its_identifier(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    response = invoke(app_with(monkeypatch, ROLE), {})

    lines = node_lines(capsys.readouterr().out)
    assert response["published"] == {"in_recovery": 0.0}
    assert response["replicas"] == {REPLICA: {"published": {"in_recovery": 1.0}, "failed": {}}}
    assert response["up"] == {PRIMARY: 1, REPLICA: 1}
    assert {identifier: (line["in_recovery"], line["up"]) for identifier, line in lines.items()} == {
        PRIMARY: ([0], [1]),
        REPLICA: ([1], [1]),
    }


def test_replica_that_is_down_is_said_and_the_run_goes_on(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host, _, address = environment["DB_REPLICAS"].split(":")
    monkeypatch.setenv("DB_REPLICAS", f"{host}:{find_free_ports(1)[0]}:{address}")

    response = invoke(app_with(monkeypatch, ROLE), {})

    assert response["up"] == {PRIMARY: 1, REPLICA: 0}
    assert "cannot be reached" in response["replicas"][REPLICA]["failed"]["up"]
    assert node_lines(capsys.readouterr().out)[REPLICA]["up"] == [0]


def test_conflict_with_recovery_is_one_failed_metric(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_with(monkeypatch, SLOW_ON_REPLICA, ROLE)
    replica = cluster.members.node(Role.REPLICA)

    with replica.connect(DATABASE) as observer, cluster.connect_as_superuser(DATABASE) as primary:
        observer.execute("ALTER SYSTEM SET max_standby_streaming_delay = '100ms'")
        observer.execute("SELECT pg_reload_conf()")
        try:
            with meanwhile(observer, lambda: primary.execute("TRUNCATE analytics.analytics_events")):
                response = invoke(app, {})
        finally:
            observer.execute("ALTER SYSTEM RESET max_standby_streaming_delay")
            observer.execute("SELECT pg_reload_conf()")

    of_replica = response["replicas"][REPLICA]
    assert list(of_replica["failed"]) == ["slow_on_replica"]
    assert "due to conflict with recovery" in of_replica["failed"]["slow_on_replica"]
    assert of_replica["published"] == {"in_recovery": 1.0}
    assert response["up"] == {PRIMARY: 1, REPLICA: 1}


def test_failover_in_the_middle_of_a_run_makes_no_spike(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_with(monkeypatch, SLOW, STARTED, ROLE)
    invoke(app, EVERYTHING)
    capsys.readouterr()

    with cluster.connect_as_superuser() as observer, meanwhile(observer, cluster.fail_over):
        try:
            during = invoke(app, EVERYTHING)
        except RetryableError:
            during = {"published": {}, "failed": {}}
    printed = node_lines(capsys.readouterr().out)

    after, later = invoke(app, EVERYTHING), invoke(app, EVERYTHING)

    assert "slow" in during["failed"] or printed[PRIMARY]["up"] == [0]
    assert (after["failed"], after["up"]) == ({}, {PRIMARY: 1, REPLICA: 1})
    growths = [run["published"].get("started", 0.0) for run in (during, after, later)]
    assert growths == [0.0, 0.0, 0.0]
    assert "started" in later["published"]
