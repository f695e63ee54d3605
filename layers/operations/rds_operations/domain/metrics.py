"""What the rows of a metric's query say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from rds_operations.domain.metric_queries import (
    IGNORED_COLUMNS,
    SINCE_COLUMN,
    TOTAL_COLUMN,
    VALUE_COLUMN,
    Kind,
    MetricQuery,
)
from rds_operations.domain.query_errors import QueryFailedError

# CloudWatch API reference, MetricDatum: Value, and Dimension: Value.
LARGEST_VALUE = 2**360
_DIMENSION_VALUE = re.compile(r"(?=.*[!-~])[ -~]{1,1024}")
_ALLOWED_DIMENSION_VALUE = "1 to 1024 printable ASCII characters, not only spaces"


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One measured value; `dimensions` are those beside the ones that every metric has."""

    value: float
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The dimensions as `column=value`, comma-separated."""
        return ",".join(f"{name}={value}" for name, value in self.dimensions.items())


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One row of a query.

    Args:
        found: Its value; of a counter this is what it has counted up to now.
        total: What the value is a part of; only with a ratio.
        counted_since: When counting began, as the server tells it; None where it does not.
    """

    found: MetricValue
    total: float | None = None
    counted_since: object = None


def metric_values(query: MetricQuery, rows: Sequence[Mapping[str, object]]) -> tuple[MetricValue, ...]:
    """Return the values in the rows of a query; of a counter, what it has counted. Errors as `metric_rows`."""
    return tuple(row.found for row in metric_rows(query, rows))


def metric_rows(query: MetricQuery, rows: Sequence[Mapping[str, object]]) -> tuple[MetricRow, ...]:
    """Return what the rows of a query say.

    For each row the first of these that holds, then the last two for all of them:

    1. a column that is not known, or a missing one: an error
    2. NULL as the value, or as what it is a part of: no data, no value
    3. a value that is no number, or none that CloudWatch takes (NaN, infinite, beyond 2^360): an error
    4. a dimension that CloudWatch does not take: an error
    5. two rows of the same dimensions, all rows being such where the header names none: an error
    6. more rows with dimensions than the header allows: an error

    Raises:
        QueryFailedError: see the list; one bad row fails the metric.
    """
    for row in rows:
        _check_columns(query, row)
    usable = tuple(_row(query, row) for row in rows if _has_data(query, row))
    labels = [row.found.label for row in usable]
    repeated = next((label for label in labels if labels.count(label) > 1), None)
    if repeated is not None:
        of_what = f"of {repeated}" if query.dimensions else "without dimensions in the header"
        raise QueryFailedError(f"the query returned {labels.count(repeated)} rows {of_what}, allowed: one")
    if query.dimensions and len(usable) > query.at_most:
        raise QueryFailedError(f"the query returned {len(usable)} rows, allowed by its header: {query.at_most}")
    return usable


def _check_columns(query: MetricQuery, row: Mapping[str, object]) -> None:
    wanted = {VALUE_COLUMN, *query.dimensions} | ({TOTAL_COLUMN} if query.kind is Kind.RATIO else set())
    optional = IGNORED_COLUMNS if query.kind is Kind.GAUGE else IGNORED_COLUMNS | {SINCE_COLUMN}
    unknown = sorted(set(row) - wanted - optional)
    missing = sorted(wanted - set(row))
    if missing:
        raise QueryFailedError(f"the query returned no column {', '.join(missing)}")
    if unknown:
        allowed = ", ".join(sorted(wanted | optional))
        raise QueryFailedError(f"the query returned the column {', '.join(unknown)}, allowed: {allowed}")


def _has_data(query: MetricQuery, row: Mapping[str, object]) -> bool:
    return row[VALUE_COLUMN] is not None and (query.kind is not Kind.RATIO or row[TOTAL_COLUMN] is not None)


def _row(query: MetricQuery, row: Mapping[str, object]) -> MetricRow:
    dimensions = {column: _dimension(column, row[column]) for column in query.dimensions}
    return MetricRow(
        found=MetricValue(_number(VALUE_COLUMN, row[VALUE_COLUMN]), dimensions),
        total=_number(TOTAL_COLUMN, row[TOTAL_COLUMN]) if query.kind is Kind.RATIO else None,
        counted_since=row.get(SINCE_COLUMN),
    )


def _number(column: str, found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise QueryFailedError(f"{column} is {found!r}, allowed: a number")
    number = float(found) if isinstance(found, Decimal) else found
    # NaN is not smaller than anything.
    if not abs(number) <= LARGEST_VALUE:
        raise QueryFailedError(f"{column} is {found}, allowed: a finite number of at most 2^360")
    return float(number)


def _dimension(column: str, found: object) -> str:
    text = "" if found is None else str(found)
    if not _DIMENSION_VALUE.fullmatch(text):
        raise QueryFailedError(f"the dimension {column} is {found!r}, allowed: {_ALLOWED_DIMENSION_VALUE}")
    return text
