"""How much a counter grew since the last run.

What the last run saw comes in and what this one saw goes out: where it is kept in between is no matter of this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_operations.domain.metric_queries import Kind, MetricQuery
from rds_operations.domain.metrics import LARGEST_VALUE, MetricRow, MetricValue

# In periods of the metric's tier. What grew over a longer time would show as if it had happened just now.
OLDEST_BASELINE = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What a counter showed.

    Args:
        row: The counter.
        read_at: When.
    """

    row: MetricRow
    read_at: datetime


type Readings = Mapping[str, Reading]
"""By the label of the dimensions."""

_PER_CENT = 100.0


def counter_readings(rows: Sequence[MetricRow], read_at: datetime) -> Readings:
    """Return what to remember of a query's rows until the next run."""
    return {row.found.label: Reading(row, read_at) for row in rows}


def counter_values(query: MetricQuery, before: Readings, now: Readings) -> tuple[MetricValue, ...]:
    """Return the growth of each counter that can be told, in the form that the kind of the metric asks for.

    For each counter the first of these that holds:

    1. it was not read before, or the reading is not older than this one: no data, this run is the baseline
    2. the reading is older than three periods of the tier: no data
    3. counting began anew: no data
    4. it shows less than before: no data, counting began anew and nobody said so
    5. a ratio whose total did not grow: no data
    6. its growth

    Args:
        query: A metric that is no gauge.
        before: What the last run on the same server saw.
        now: What this run saw.
    """
    grown = (_growth(query, before.get(label), reading) for label, reading in now.items())
    return tuple(value for value in grown if value is not None and abs(value.value) <= LARGEST_VALUE)


def _growth(query: MetricQuery, before: Reading | None, now: Reading) -> MetricValue | None:
    if before is None or not _is_comparable(query, before, now):
        return None
    value = now.row.found.value - before.row.found.value
    total = (now.row.total or 0.0) - (before.row.total or 0.0)
    if value < 0 or total < 0:
        return None
    if query.kind is Kind.RATIO and total == 0:
        return None
    match query.kind:
        case Kind.RATE:
            value /= (now.read_at - before.read_at).total_seconds()
        case Kind.RATIO:
            value = _PER_CENT * value / total
    return MetricValue(value, now.row.found.dimensions)


def _is_comparable(query: MetricQuery, before: Reading, now: Reading) -> bool:
    age = now.read_at - before.read_at
    is_recent = timedelta(0) < age <= OLDEST_BASELINE * query.tier.period
    return is_recent and now.row.counted_since == before.row.counted_since
