"""What the rows of a metric's query mean as values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from rds_operations.domain.errors import OperationsError
from rds_operations.domain.metric_queries import IGNORED_COLUMNS, VALUE_COLUMN, MetricQuery

# CloudWatch API reference, MetricDatum: Value, and Dimension: Value.
LARGEST_VALUE = 2**360
_DIMENSION_VALUE = re.compile(r"(?=.*[!-~])[ -~]{1,1024}")
_ALLOWED_DIMENSION_VALUE = "1 to 1024 printable ASCII characters, not only spaces"


class QueryFailedError(OperationsError):
    """A query gave no usable result; the others can go on."""


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One measured value; `dimensions` are those beside the ones that every metric has."""

    value: float
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The dimensions as `column=value`, comma-separated."""
        return ",".join(f"{name}={value}" for name, value in self.dimensions.items())


def metric_values(query: MetricQuery, rows: Sequence[Mapping[str, object]]) -> tuple[MetricValue, ...]:
    """Return what the rows of a query say.

    For each row the first of these that holds, then the last for all of them:

    1. a column that is neither value, dimension nor ignored, or a missing one: an error
    2. NULL as the value: no data, no value
    3. a value that is no number, or none that CloudWatch takes (NaN, infinite, beyond 2^360): an error
    4. a dimension that CloudWatch does not take: an error
    5. two rows of the same dimensions, all rows being such where the header names none: an error

    Raises:
        QueryFailedError: see the list; one bad row fails the metric.
    """
    for row in rows:
        _check_columns(query, row)
    values = [_value(query, row) for row in rows if row[VALUE_COLUMN] is not None]
    labels = [value.label for value in values]
    repeated = next((label for label in labels if labels.count(label) > 1), None)
    if repeated is not None:
        of_what = f"of {repeated}" if query.dimensions else "without dimensions in the header"
        raise QueryFailedError(f"the query returned {labels.count(repeated)} rows {of_what}, allowed: one")
    return tuple(values)


def _check_columns(query: MetricQuery, row: Mapping[str, object]) -> None:
    wanted = {VALUE_COLUMN, *query.dimensions}
    unknown = sorted(set(row) - wanted - IGNORED_COLUMNS)
    missing = sorted(wanted - set(row))
    if missing:
        raise QueryFailedError(f"the query returned no column {', '.join(missing)}")
    if unknown:
        allowed = ", ".join(sorted(wanted | IGNORED_COLUMNS))
        raise QueryFailedError(f"the query returned the column {', '.join(unknown)}, allowed: {allowed}")


def _value(query: MetricQuery, row: Mapping[str, object]) -> MetricValue:
    return MetricValue(
        _number(row[VALUE_COLUMN]), {column: _dimension(column, row[column]) for column in query.dimensions}
    )


def _number(found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise QueryFailedError(f"{VALUE_COLUMN} is {found!r}, allowed: a number")
    number = float(found) if isinstance(found, Decimal) else found
    # NaN is not smaller than anything.
    if not abs(number) <= LARGEST_VALUE:
        raise QueryFailedError(f"{VALUE_COLUMN} is {found}, allowed: a finite number of at most 2^360")
    return float(number)


def _dimension(column: str, found: object) -> str:
    text = "" if found is None else str(found)
    if not _DIMENSION_VALUE.fullmatch(text):
        raise QueryFailedError(f"the dimension {column} is {found!r}, allowed: {_ALLOWED_DIMENSION_VALUE}")
    return text
