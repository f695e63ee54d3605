"""Embedded metrics of a function: printed by Powertools, read by CloudWatch, with no API call and no endpoint."""

from collections.abc import Mapping

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from rds_operations.domain.errors import ConfigurationError

# An empty service overrules POWERTOOLS_SERVICE_NAME, which would become a dimension that no alarm names.
_NO_SERVICE = ""


class _Provider(AmazonCloudWatchEMFProvider):
    """Powertools' provider with exactly the given dimensions, and nothing to say about a run that measured nothing.

    Each has its own state: `Metrics` alone shares one set of values among all its instances.
    """

    def __init__(self, dimensions: Mapping[str, str]) -> None:
        super().__init__(service=_NO_SERVICE, default_dimensions=dict(dimensions))
        self._lines: dict[tuple[tuple[str, str], ...], AmazonCloudWatchEMFProvider] = {}

    def line(self, dimensions: Mapping[str, str]) -> AmazonCloudWatchEMFProvider:
        """Return the provider of the values with these further dimensions; it is flushed together with this one.

        All metrics of one embedded-metric line have the same dimensions. A further one may replace one that every
        metric has: a replica has its own instance identifier.
        """
        if not dimensions:
            return self
        own = tuple(dimensions.items())
        if own not in self._lines:
            # As default dimensions, Powertools would count them again after the flush, and take 29 only.
            every = {**self.default_dimensions, **dimensions}
            self._lines[own] = AmazonCloudWatchEMFProvider(
                namespace=self.namespace, service=_NO_SERVICE, dimension_set=every
            )
        return self._lines[own]

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:  # noqa: FBT001, FBT002 - Powertools' signature
        if self.metric_set or raise_on_empty_metrics:
            super().flush_metrics(raise_on_empty_metrics)
        lines, self._lines = self._lines, {}
        for line in lines.values():
            if line.metric_set:  # a hundred were printed at once
                line.flush_metrics()


class FunctionMetrics(Metrics):
    """Powertools' metrics on the provider of this module."""

    provider: _Provider


def function_metrics(*, environment: str, db_instance_identifier: str) -> FunctionMetrics:
    """Return the metrics of a function, for its module level and its `log_metrics` decorator.

    Args:
        environment: dev, staging or prod; the dimension `Environment`.
        db_instance_identifier: The instance the function works for; the dimension `DBInstanceIdentifier`.

    Raises:
        ConfigurationError: POWERTOOLS_METRICS_NAMESPACE is not set, so that nothing could be published later.
    """
    provider = _Provider({"Environment": environment, "DBInstanceIdentifier": db_instance_identifier})
    if not provider.namespace:
        raise ConfigurationError("POWERTOOLS_METRICS_NAMESPACE is not set, allowed: a CloudWatch namespace")
    return FunctionMetrics(provider=provider)


class EmbeddedMetricSink:
    """A `MetricSink` that prints embedded metrics, at most a hundred a line (Powertools sees to that).

    Args:
        metrics: What `function_metrics` returned; its decorator prints the values, also when the function fails.
    """

    def __init__(self, metrics: FunctionMetrics) -> None:
        self._metrics = metrics

    def add(self, name: str, value: float, unit: str, dimensions: Mapping[str, str] | None = None) -> None:
        """Record one value; values of the same dimensions share a line."""
        self._metrics.provider.line(dimensions or {}).add_metric(name=name, unit=unit, value=value)
