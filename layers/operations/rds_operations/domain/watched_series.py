"""What an alarm watches, as CloudWatch can be asked for it again: one metric, or an expression over several."""

from collections.abc import Iterable
from dataclasses import dataclass

from rds_operations.domain.metric_trends import MetricQuestion


@dataclass(frozen=True, slots=True)
class SeriesTerm:
    """One metric or expression.

    Args:
        name: What expressions call it by.
        expression: The metric math; empty for a metric.
        metric: The metric; None for an expression.
        is_returned: Whether it is not only there for others.
    """

    name: str
    expression: str = ""
    metric: MetricQuestion | None = None
    is_returned: bool = True


@dataclass(frozen=True, slots=True)
class WatchedSeries:
    """A series of values, and everything that it is made of.

    Args:
        terms: Exactly one of them is returned.
        period_seconds: Length of one period.
    """

    terms: tuple[SeriesTerm, ...]
    period_seconds: int

    @property
    def returned(self) -> SeriesTerm:
        """The term whose values are the series."""
        return next(term for term in self.terms if term.is_returned)


def watched_series(terms: Iterable[SeriesTerm], period_seconds: int | None, without: str = "") -> WatchedSeries | None:
    """Return the series of an alarm's terms; None where there is not exactly one, or its periods are not known.

    Args:
        terms: The alarm's.
        period_seconds: Length of one period; None where it is not known.
        without: The name of the band of an anomaly alarm, which is what the values are compared with.
    """
    kept = tuple(term for term in terms if term.name != without)
    if not period_seconds or sum(term.is_returned for term in kept) != 1:
        return None
    return WatchedSeries(kept, period_seconds)
