"""Runs every query file against the embedded PostgreSQL, as the deployed function would, and says what it gave.

Two runs, because growth needs two. Nothing of AWS takes part: the values go into a table instead of a log.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.table import Table

from local.checkout import Checkout
from local.environment import Environment
from local.instances import ENDPOINT_NAMES
from local.interruptions import undisturbed
from local.lifecycle import Lifecycle, one_at_a_time
from local.postgres.cluster import Cluster
from metric_files.logins import deployed_login, reached, set_up_login
from rds_operations.adapters.clock import SystemClock
from rds_operations.domain.databases import DatabaseLogin
from rds_operations.domain.metric_queries import MetricQuery
from rds_operations.domain.metric_runs import MetricsRequest, MetricsRun, NodeRun
from rds_operations.runtime.metrics_memory import WarmMemory
from rds_operations.usecases.push_metrics import MetricsNodes, push_metrics

PRIMARY, REPLICA = "primary", "replica"
NO_DATA = "no data"


class _Nowhere:
    """Takes metric values and forgets them: the run itself is what is shown."""

    def add(self, name: str, value: float, unit: str, dimensions: Mapping[str, str] | None = None) -> None:
        """Do nothing."""


@contextmanager
def embedded_cluster(checkout: Checkout, own: Checkout) -> Iterator[tuple[Cluster, DatabaseLogin]]:
    """Yield the cluster that `make up` started, or else one of its own, which is stopped afterwards; and the login.

    Args:
        checkout: Where `make up` works.
        own: The same checkout with a state of the check's own, which `make down` clears, too, if the check is killed.

    Raises:
        LocalError: the cluster cannot be started, or another command of this checkout is at it.
    """
    if checkout.environment_file.exists():
        yield Cluster.load(checkout.local), deployed_login(Environment.read(checkout.environment_file))
        return
    with one_at_a_time(own.lock):
        lifecycle = Lifecycle(own, lambda _: None)
        try:
            lifecycle.down()
            lifecycle.cluster.up(ENDPOINT_NAMES)
            yield lifecycle.cluster, set_up_login(lifecycle.cluster, secrets.token_urlsafe(24))
        finally:
            with undisturbed():
                lifecycle.down()


def check(queries: Sequence[MetricQuery], cluster: Cluster, login: DatabaseLogin) -> MetricsRun:
    """Return what all queries gave on the primary and the replica, the second time.

    Raises:
        OperationsError: the primary cannot be asked.
    """
    endpoints = {PRIMARY: cluster.writer, REPLICA: cluster.replica}
    nodes = MetricsNodes(PRIMARY, {name: reached(endpoint, login) for name, endpoint in endpoints.items()})
    request, memory = MetricsRequest(tuple(queries), only_due=False), WarmMemory()
    for _ in range(2):
        run = push_metrics(request, nodes=nodes, memory=memory, sink=_Nowhere(), clock=SystemClock())
    return run


def table(run: MetricsRun) -> Table:
    """Return what each metric gave on each node: its values, nothing or an error."""
    shown = Table(title=f"{run.duration_ms} ms on both nodes")
    for heading in ("metric", "on", "value", "unit"):
        shown.add_column(heading, overflow="fold")
    for node in run.nodes:
        for row in _rows(node):
            shown.add_row(*row)
    return shown


def failures(run: MetricsRun) -> list[str]:
    """Return the names of the metrics that failed, on whichever node."""
    return sorted({name for node in run.nodes for name in node.failures})


def summary(run: MetricsRun, count: int) -> str:
    """Return the line that ends the check.

    Args:
        run: What was measured.
        count: How many metrics there are.
    """
    failed = failures(run)
    return f"{count} metrics, {len(failed)} failed" + (f": {', '.join(failed)}" if failed else "")


def _rows(node: NodeRun) -> Iterator[tuple[str, str, str, str]]:
    for measurement in sorted(node.measurements, key=lambda found: found.query.name):
        values = [
            f"{value.label}: {value.value:g}" if value.label else f"{value.value:g}" for value in measurement.values
        ]
        shown = f"failed: {measurement.error}" if measurement.error else "\n".join(values) or NO_DATA
        yield measurement.query.name, node.identifier, shown, measurement.query.unit
    if node.trouble is not None:
        yield "up", node.identifier, f"failed: {node.trouble}", "Count"
