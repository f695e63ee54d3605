"""The form of a metric's query file.

The file's name is the metric's name; what else is to be known stands in the comment at its top:

```sql
-- description: Requests of the last hour, by engine
-- unit: Count
-- timeout: 5s
-- tier: five_minutes
-- dimensions: engine
-- at_most: 5

SELECT engine, count(*) AS metric_value FROM requests GROUP BY engine ORDER BY metric_value DESC LIMIT 5
```

Description, unit and timeout have to be there; the other keys have defaults, see `MetricQuery`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from rds_operations.domain.metric_headers import Entry, MalformedQueryError, read_all, read_header
from rds_operations.domain.metric_tiers import Tier

VALUE_COLUMN = "metric_value"
TOTAL_COLUMN = "metric_total"
SINCE_COLUMN = "counted_since"
IGNORED_COLUMNS = frozenset({"metric_name", "timestamp"})
RESERVED_COLUMNS = frozenset({VALUE_COLUMN, TOTAL_COLUMN, SINCE_COLUMN}) | IGNORED_COLUMNS

DURATION_METRIC = "metric_query_duration_ms"
FAILURES_METRIC = "metric_query_failures"
UP_METRIC = "up"
OWN_METRICS = frozenset({DURATION_METRIC, FAILURES_METRIC, UP_METRIC})
INSTANCE_DIMENSION = "DBInstanceIdentifier"

# CloudWatch API reference, MetricDatum: Unit.
UNITS = (
    *("Seconds", "Microseconds", "Milliseconds"),
    *("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"),
    *("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"),
    *("Percent", "Count", "None"),
    *("Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second"),
    *("Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second", "Count/Second"),
)
# CloudWatch takes 30 dimensions (API reference, MetricDatum); two of them every metric has.
MAXIMUM_DIMENSIONS = 28
# Each row is a metric of its own on the bill.
DEFAULT_ROWS, MOST_ROWS = 10, 100
OLDEST_VERSION, NEWEST_VERSION, DEFAULT_VERSION = 10, 99, 16

HEADER_KEYS = (
    *("description", "unit", "timeout", "tier", "node", "version", "kind"),
    *("dimensions", "at_most", "origin"),
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ALLOWED_NAME = "1 to 63 of a-z, 0-9 and _, beginning with a letter"
# No warm function lives for two days: there would never be a value.
_COUNTER_TIERS = (Tier.MINUTE, Tier.FIVE_MINUTES, Tier.HOUR)


class Node(StrEnum):
    """Which servers a metric is measured on; `any` is each of them, with its own instance identifier."""

    PRIMARY = "primary"
    REPLICA = "replica"
    ANY = "any"


class Kind(StrEnum):
    """What becomes of the value: it is one, or it is a counter whose growth since the last run is one.

    `difference` is the growth, `rate` the growth a second, `ratio` 100 times the growth of `metric_value` by that of
    `metric_total`.
    """

    GAUGE = "gauge"
    DIFFERENCE = "difference"
    RATE = "rate"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One metric and the query that measures it.

    Args:
        name: The metric's name.
        sql: One statement.
        unit: A CloudWatch unit.
        description: What the value means, for people.
        timeout: How long the query may run.
        dimensions: Columns that become further dimensions.
        tier: How often it is measured.
        node: On which servers.
        version: The oldest major version of the server that can answer; older ones are not asked.
        kind: What becomes of the value.
        at_most: How many rows there may be where there are dimensions; without, there is one.
        origin: Who else measures the same.
    """

    name: str
    sql: str
    unit: str
    description: str
    timeout: timedelta
    dimensions: tuple[str, ...] = ()
    tier: Tier = Tier.MINUTE
    node: Node = Node.PRIMARY
    version: int = DEFAULT_VERSION
    kind: Kind = Kind.GAUGE
    at_most: int = DEFAULT_ROWS
    origin: tuple[str, ...] = ()


def parse_metric_query(name: str, text: str) -> MetricQuery:
    """Return the metric that a query file describes.

    Args:
        name: The file's name without `.sql`.
        text: The file's content.

    Raises:
        MalformedQueryError: the name is wrong, or lines of the header or the query are; all of these are told.
    """
    file = f"{name}.sql"
    if not _NAME.fullmatch(name) or name in OWN_METRICS:
        raise MalformedQueryError(
            f"{file}: the name is {name!r}, allowed: {_ALLOWED_NAME}, and no metric that the function makes itself"
        )
    lines = text.splitlines()
    header = read_header(file, lines, HEADER_KEYS)
    entry = header.entries
    readers: dict[str, Callable[[], Any]] = {
        "sql": lambda: _sql(file, lines, header.length),
        "description": lambda: entry["description"].text("a sentence that says what the value means"),
        "unit": lambda: entry["unit"].choice(UNITS),
        "timeout": entry["timeout"].timeout,
        "dimensions": lambda: _dimensions(entry["dimensions"], name),
        "tier": lambda: _tier(entry["tier"], _kind(entry["kind"])),
        "node": lambda: Node(entry["node"].choice(tuple(Node), Node.PRIMARY)),
        "version": lambda: entry["version"].number(
            minimum=OLDEST_VERSION, maximum=NEWEST_VERSION, default=DEFAULT_VERSION
        ),
        "kind": lambda: _kind(entry["kind"]),
        "at_most": lambda: _at_most(entry["at_most"], entry["dimensions"]),
        "origin": lambda: _origin(entry["origin"]),
    }
    return MetricQuery(name=name, **read_all(readers, header.faults))


def _sql(file: str, lines: Sequence[str], header_length: int) -> str:
    sql = "\n".join(lines[header_length:]).strip().removesuffix(";").rstrip()
    if not sql:
        raise Entry(file, max(1, len(lines)), "the query", None).wrong("one statement after the header")
    return sql


def _dimensions(entry: Entry, name: str) -> tuple[str, ...]:
    dimensions = entry.parts()
    reserved = {*RESERVED_COLUMNS, name}
    usable = all(_NAME.fullmatch(dimension) and dimension not in reserved for dimension in dimensions)
    if not usable or len(dimensions) > MAXIMUM_DIMENSIONS or len(set(dimensions)) < len(dimensions):
        columns = f"1 to {MAXIMUM_DIMENSIONS} different columns, comma-separated"
        raise entry.wrong(f"{columns}, each {_ALLOWED_NAME}, and none of {', '.join(sorted(reserved))}")
    return dimensions


def _kind(entry: Entry) -> Kind:
    return Kind(entry.choice(tuple(Kind), Kind.GAUGE))


def _tier(entry: Entry, kind: Kind) -> Tier:
    return Tier(entry.choice(tuple(Tier) if kind is Kind.GAUGE else _COUNTER_TIERS, Tier.MINUTE))


def _at_most(entry: Entry, dimensions: Entry) -> int:
    if dimensions.value is None and entry.value is not None:
        raise entry.wrong("nothing where there are no dimensions: then there is one row")
    return entry.number(minimum=1, maximum=MOST_ROWS, default=DEFAULT_ROWS)


def _origin(entry: Entry) -> tuple[str, ...]:
    if not all(entry.parts()):
        raise entry.wrong("names, comma-separated")
    return entry.parts()
