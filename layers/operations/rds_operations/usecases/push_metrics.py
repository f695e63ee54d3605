"""Measures by SQL and publishes what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_operations.domain.metric_memory import NodeMemory
from rds_operations.domain.metric_queries import (
    DURATION_METRIC,
    FAILURES_METRIC,
    INSTANCE_DIMENSION,
    UP_METRIC,
    MetricQuery,
    Node,
)
from rds_operations.domain.metric_runs import MetricsRequest, MetricsRun, NodeRun
from rds_operations.domain.metric_tiers import Tier, is_due
from rds_operations.ports.clock import Clock
from rds_operations.ports.measuring import MetricsDatabase, MetricsMemory
from rds_operations.ports.metrics import MetricSink
from rds_operations.usecases.measure_node import NodeMeasurer

# Of all nodes together. Two replicas that do not answer take 10 s more, and a connection that is lost in the end 5 s:
# then the function's 60 s are not over (stacks/metrics.yaml).
LONGEST_MEASURING = timedelta(seconds=40)
_FREQUENT_FIRST = tuple(Tier)


@dataclass(frozen=True, slots=True)
class MetricsNodes:
    """What can be measured, by DB instance identifier.

    Args:
        primary: The identifier of the primary; its values have no further dimension.
        databases: All nodes, the primary first.
    """

    primary: str
    databases: Mapping[str, MetricsDatabase]


def push_metrics(
    request: MetricsRequest, *, nodes: MetricsNodes, memory: MetricsMemory, sink: MetricSink, clock: Clock
) -> MetricsRun:
    """Ask every node its queries one after another, then publish all values, `up` of each node among them.

    1. a failing query is a failed metric and stops nothing
    2. a replica that cannot be reached, or not to the end, has `up` 0 and stops nothing
    3. a primary that cannot: what was measured is published and `up` 0 with it, then the run fails

    Raises:
        RetryableError: the primary could not be reached, or was lost and stayed so.
        RefusedError: the primary refused the login, or its certificate was not accepted.
    """
    started_at = clock.now()
    remembered = memory.recall()
    runs: list[NodeRun] = []
    for identifier, database in nodes.databases.items():
        known = remembered.get(identifier, NodeMemory())
        queries = _chosen(request, known, now=started_at, is_primary=identifier == nodes.primary)
        measurer = NodeMeasurer(identifier, known, clock=clock, ends_at=started_at + LONGEST_MEASURING)
        runs.append(measurer.measure(queries, database))
        remembered = {**remembered, identifier: measurer.memory}
    memory.keep(remembered)
    run = MetricsRun(runs[0], tuple(runs[1:]), round((clock.now() - started_at) / timedelta(milliseconds=1)))
    _publish(run, sink)
    if run.primary.trouble is not None:
        raise run.primary.trouble
    return run


def _chosen(request: MetricsRequest, known: NodeMemory, *, now: datetime, is_primary: bool) -> list[MetricQuery]:
    """Return the queries of a node, frequent ones first: what a slow one leaves no time for is asked next time."""
    parts = {Node.ANY, Node.PRIMARY if is_primary else Node.REPLICA}
    chosen = [
        query
        for query in request.queries
        if query.node in parts
        and not (request.only_due and not is_due(query.tier, last_run=known.last_runs.get(query.name), now=now))
    ]
    return sorted(chosen, key=lambda query: _FREQUENT_FIRST.index(query.tier))


def _publish(run: MetricsRun, sink: MetricSink) -> None:
    for node in run.nodes:
        of_node = {} if node is run.primary else {INSTANCE_DIMENSION: node.identifier}
        sink.add(UP_METRIC, node.up, "Count", of_node)
        for measurement in node.measurements:
            for value in measurement.values:
                sink.add(measurement.query.name, value.value, measurement.query.unit, {**of_node, **value.dimensions})
    sink.add(DURATION_METRIC, run.duration_ms, "Milliseconds")
    sink.add(FAILURES_METRIC, sum(len(node.failures) for node in run.nodes), "Count")
