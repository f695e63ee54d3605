"""Settings of push_metrics."""

from dataclasses import dataclass

from rds_operations.runtime.settings.nodes import NodeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PushMetricsSettings(NodeSettings):
    """Settings of the function that measures by SQL; none beyond those of a login to each node."""
