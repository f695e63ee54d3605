"""How a metric went lately, in one line."""

from collections.abc import Sequence
from dataclasses import dataclass

from rds_operations.domain.metric_units import measured

INSTANCE_DIMENSION = "DBInstanceIdentifier"
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class MetricQuestion:
    """One series of values.

    Args:
        name: The metric's name.
        dimensions: Pairs of name and value that the metric is told apart by.
        namespace: E.g. `AWS/RDS`.
        statistic: CloudWatch's word, e.g. `Average` or `p90`.
        period_seconds: Length of one period.
    """

    name: str
    dimensions: tuple[tuple[str, str], ...]
    namespace: str = "AWS/RDS"
    statistic: str = "Average"
    period_seconds: int = 300


def trend(name: str, values: Sequence[float]) -> str:
    """Return first and last value, the extremes, and a little picture, e.g. `22 % to 93 %, 20 % to 93 % between ▁▂█`.

    Args:
        name: The metric's name.
        values: Oldest first, at least one.
    """
    first, last, low, high = (measured(name, value) for value in (values[0], values[-1], min(values), max(values)))
    if low == high:
        return f"{last} all the time"
    extremes = "" if {low, high} == {first, last} else f" (between {low} and {high})"
    return f"{first} to {last}{extremes} {picture(values)}"


def picture(values: Sequence[float]) -> str:
    """Return a bar for each value, between the lowest and the highest."""
    low, high = min(values), max(values)
    steps = len(_BARS) - 1
    if high == low:
        return _BARS[0] * len(values)
    return "".join(_BARS[min(steps, int((value - low) / (high - low) * steps + 0.5))] for value in values)
