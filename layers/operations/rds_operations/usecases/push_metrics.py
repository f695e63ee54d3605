"""Measures by SQL and publishes what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rds_operations.domain.metric_queries import DURATION_METRIC, FAILURES_METRIC, MetricQuery
from rds_operations.domain.metrics import MetricValue, QueryFailedError, metric_values
from rds_operations.ports import Clock, MetricSink, QueryRunner

type Published = float | dict[str, float]


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
class MetricsRun:
    """One run.

    Args:
        measurements: One for each query.
        duration_ms: How long all queries together took.
    """

    measurements: tuple[Measurement, ...]
    duration_ms: int

    @property
    def failures(self) -> dict[str, str]:
        """The error of each metric that failed."""
        return {end.query.name: end.error for end in self.measurements if end.error}

    def as_response(self) -> dict[str, object]:
        """Return the function's response; a metric without data is in neither part."""
        published = {end.query.name: end.published for end in self.measurements if end.values}
        return {"published": published, "failed": self.failures, "duration_ms": self.duration_ms}


def push_metrics(
    queries: Sequence[MetricQuery], *, query_runner: QueryRunner, sink: MetricSink, clock: Clock
) -> MetricsRun:
    """Run the queries one after another, then publish all values; a failing query does not stop the others.

    Raises:
        RetryableError: the database was lost in between and stayed so; then nothing is published, the retry measures
            again.
    """
    started = clock.now()
    measurements = tuple(_measure(query, query_runner) for query in queries)
    run = MetricsRun(measurements, round((clock.now() - started) / timedelta(milliseconds=1)))
    _publish(run, sink)
    return run


def _measure(query: MetricQuery, query_runner: QueryRunner) -> Measurement:
    try:
        return Measurement(query, metric_values(query, query_runner.rows(query.sql, query.timeout)))
    except QueryFailedError as error:
        return Measurement(query, error=str(error))


def _publish(run: MetricsRun, sink: MetricSink) -> None:
    for measurement in run.measurements:
        for value in measurement.values:
            sink.add(measurement.query.name, value.value, measurement.query.unit, value.dimensions)
    sink.add(DURATION_METRIC, run.duration_ms, "Milliseconds")
    sink.add(FAILURES_METRIC, len(run.failures), "Count")
