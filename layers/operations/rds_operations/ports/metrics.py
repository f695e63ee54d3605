"""Where the use cases put figures."""

from collections.abc import Mapping
from typing import Protocol


class MetricSink(Protocol):
    """Takes metric values."""

    def add(self, name: str, value: float, unit: str, dimensions: Mapping[str, str] | None = None) -> None:
        """Record one value.

        Args:
            name: The metric's name.
            value: A finite number.
            unit: A CloudWatch unit, e.g. `Count` or `Milliseconds`.
            dimensions: Further dimensions beside those every metric has.
        """
