"""Embedded metrics of a function: printed by Powertools, read by CloudWatch, with no API call and no endpoint."""

from collections.abc import Mapping

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from rds_operations.domain.errors import ConfigurationError


class _Provider(AmazonCloudWatchEMFProvider):
    """Powertools' provider with exactly the given dimensions, and nothing to say about a run that measured nothing.

    Each has its own state: `Metrics` alone shares one set of values among all its instances.
    """

    def __init__(self, dimensions: Mapping[str, str], namespace: str | None = None) -> None:
        # An empty service overrules POWERTOOLS_SERVICE_NAME, which would become a dimension that no alarm names.
        super().__init__(namespace=namespace, service="", default_dimensions=dict(dimensions))

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:  # noqa: FBT001, FBT002 - Powertools' signature
        if self.metric_set or raise_on_empty_metrics:
            super().flush_metrics(raise_on_empty_metrics)


def function_metrics(*, environment: str, db_instance_identifier: str) -> Metrics:
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
    return Metrics(provider=provider)


class EmbeddedMetricSink:
    """A `MetricSink` that prints embedded metrics.

    Args:
        metrics: What `function_metrics` returned; its decorator prints the values that have no further dimensions.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def add(self, name: str, value: float, unit: str, dimensions: Mapping[str, str] | None = None) -> None:
        """Record one value; one with further dimensions is printed at once, as a line of its own."""
        if not dimensions:
            self._metrics.add_metric(name=name, unit=unit, value=value)
            return
        shared = self._metrics.provider.default_dimensions
        # All metrics of one embedded-metric line have the same dimensions.
        own_line = _Provider({**shared, **dimensions}, self._metrics.namespace)
        own_line.add_metric(name=name, unit=unit, value=value)
        own_line.flush_metrics()
