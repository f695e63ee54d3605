"""What one run of push_metrics was asked for, what it measured, and how it is reported."""

from collections.abc import Sequence
from dataclasses import dataclass

from rds_operations.domain.errors import OperationsError
from rds_operations.domain.metric_queries import UP_METRIC, MetricQuery
from rds_operations.domain.metrics import MetricValue

type Published = float | dict[str, float]


@dataclass(frozen=True, slots=True)
class MetricsRequest:
    """What a run is asked for.

    Args:
        queries: The metrics.
        only_due: Whether those are left out whose time has not come.
    """

    queries: tuple[MetricQuery, ...]
    only_due: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one query gave: values, nothing where there is no data, or an error."""

    query: MetricQuery
    values: tuple[MetricValue, ...] = ()
    error: str = ""

    @property
    def published(self) -> Published:
        """The value, or values by `column=value` where the query has dimensions."""
        if self.query.dimensions:
            return {value.label: value.value for value in self.values}
        return self.values[0].value


@dataclass(frozen=True, slots=True)
class NodeRun:
    """What one node gave.

    Args:
        identifier: Its DB instance identifier.
        measurements: One for each query that was asked, or should have been and could not.
        trouble: Why the node could not be asked, or not to the end; None where it could.
    """

    identifier: str
    measurements: tuple[Measurement, ...]
    trouble: OperationsError | None = None

    @property
    def up(self) -> int:
        """1 where the node answered to the end, else 0."""
        return int(self.trouble is None)

    @property
    def published(self) -> dict[str, Published]:
        """The values by metric; a metric without data is left out."""
        return {end.query.name: end.published for end in self.measurements if end.values}

    @property
    def failures(self) -> dict[str, str]:
        """The error of each metric that failed, and of `up` where the node is not."""
        failed = {end.query.name: end.error for end in self.measurements if end.error}
        return failed if self.trouble is None else {**failed, UP_METRIC: str(self.trouble)}


@dataclass(frozen=True, slots=True)
class MetricsRun:
    """One run.

    Args:
        primary: What the primary gave.
        replicas: What the others gave.
        duration_ms: How long all queries together took.
    """

    primary: NodeRun
    replicas: tuple[NodeRun, ...]
    duration_ms: int

    @property
    def nodes(self) -> Sequence[NodeRun]:
        """All nodes, the primary first."""
        return (self.primary, *self.replicas)

    def as_response(self) -> dict[str, object]:
        """Return the function's response; a metric without data is in neither part."""
        return {
            "published": self.primary.published,
            "failed": self.primary.failures,
            "duration_ms": self.duration_ms,
            "replicas": {
                node.identifier: {"published": node.published, "failed": node.failures} for node in self.replicas
            },
            "up": {node.identifier: node.up for node in self.nodes},
        }
