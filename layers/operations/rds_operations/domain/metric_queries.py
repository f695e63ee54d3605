"""The form of a metric's query file.

The file's name is the metric's name; what else CloudWatch needs stands in the comment at its top:

```sql
-- description: Requests of the last hour, by engine
-- unit: Count
-- timeout: 5s
-- dimensions: engine

SELECT engine, count(*) AS metric_value FROM requests GROUP BY engine
```
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

from rds_operations.domain.errors import ConfigurationError

VALUE_COLUMN = "metric_value"
IGNORED_COLUMNS = frozenset({"metric_name", "timestamp"})
DURATION_METRIC = "metric_query_duration_ms"
FAILURES_METRIC = "metric_query_failures"

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
SHORTEST_TIMEOUT = timedelta(milliseconds=100)
LONGEST_TIMEOUT = timedelta(seconds=30)

_KEYS = ("description", "unit", "timeout", "dimensions")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ALLOWED_NAME = "1 to 63 of a-z, 0-9 and _, beginning with a letter"
_HEADER_LINE = re.compile(r"--\s*([^\s:]+)\s*:\s*(.*?)\s*")
_TIMEOUT = re.compile(r"([1-9][0-9]{0,5})(ms|s)")
_ALLOWED_TIMEOUT = "a whole number of ms or s from 100ms to 30s, e.g. 5s"


class MalformedQueryError(ConfigurationError):
    """A query file is wrong; the message names the file, the line and what is allowed."""


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
    """

    name: str
    sql: str
    unit: str
    description: str
    timeout: timedelta
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a header; line 1 stands for a line that is missing."""

    file: str
    line: int
    key: str
    value: str | None

    def wrong(self, allowed: str) -> MalformedQueryError:
        found = "is missing" if self.value is None else f"is {self.value!r}"
        return MalformedQueryError(f"{self.file}, line {self.line}: {self.key} {found}, allowed: {allowed}")


def parse_metric_query(name: str, text: str) -> MetricQuery:
    """Return the metric that a query file describes.

    Args:
        name: The file's name without `.sql`.
        text: The file's content.

    Raises:
        MalformedQueryError: the name, a line of the header or the query is wrong.
    """
    file = f"{name}.sql"
    if not _NAME.fullmatch(name) or name in {DURATION_METRIC, FAILURES_METRIC}:
        raise MalformedQueryError(
            f"{file}: the name is {name!r}, allowed: {_ALLOWED_NAME}, and no metric that the function makes itself"
        )
    lines = text.splitlines()
    comment = list(takewhile(lambda line: line.startswith("--"), lines))
    header = _header(file, comment)
    return MetricQuery(
        name=name,
        sql=_sql(file, lines, len(comment)),
        unit=_unit(header["unit"]),
        description=_description(header["description"]),
        timeout=_timeout(header["timeout"]),
        dimensions=_dimensions(header["dimensions"], name),
    )


def _header(file: str, comment: Sequence[str]) -> Mapping[str, _Entry]:
    found: dict[str, _Entry] = {}
    for number, line in enumerate(comment, 1):
        parts = _HEADER_LINE.fullmatch(line)
        if parts is None:
            allowed = f"`-- key: value` with a key of {', '.join(_KEYS)}; other comments after an empty line"
            raise _Entry(file, number, "the header", line).wrong(allowed)
        key, value = parts.groups()
        if key not in _KEYS or key in found:
            raise _Entry(file, number, "the key", key).wrong(f"each of {', '.join(_KEYS)} once")
        found[key] = _Entry(file, number, key, value)
    return {key: found.get(key, _Entry(file, 1, key, None)) for key in _KEYS}


def _sql(file: str, lines: Sequence[str], header_length: int) -> str:
    sql = "\n".join(lines[header_length:]).strip().removesuffix(";").rstrip()
    if not sql:
        raise _Entry(file, max(1, len(lines)), "the query", None).wrong("one statement after the header")
    return sql


def _description(entry: _Entry) -> str:
    if not entry.value:
        raise entry.wrong("a sentence that says what the value means")
    return entry.value


def _unit(entry: _Entry) -> str:
    if entry.value not in UNITS:
        raise entry.wrong(f"one of {', '.join(UNITS)}")
    return entry.value


def _timeout(entry: _Entry) -> timedelta:
    parts = _TIMEOUT.fullmatch(entry.value or "")
    if parts is None:
        raise entry.wrong(_ALLOWED_TIMEOUT)
    number, unit = int(parts[1]), parts[2]
    timeout = timedelta(seconds=number) if unit == "s" else timedelta(milliseconds=number)
    if not SHORTEST_TIMEOUT <= timeout <= LONGEST_TIMEOUT:
        raise entry.wrong(_ALLOWED_TIMEOUT)
    return timeout


def _dimensions(entry: _Entry, name: str) -> tuple[str, ...]:
    if entry.value is None:
        return ()
    dimensions = tuple(part.strip() for part in entry.value.split(","))
    reserved = {VALUE_COLUMN, *IGNORED_COLUMNS, name}
    usable = all(_NAME.fullmatch(dimension) and dimension not in reserved for dimension in dimensions)
    if not usable or len(dimensions) > MAXIMUM_DIMENSIONS or len(set(dimensions)) < len(dimensions):
        columns = f"1 to {MAXIMUM_DIMENSIONS} different columns, comma-separated"
        raise entry.wrong(f"{columns}, each {_ALLOWED_NAME}, and none of {', '.join(sorted(reserved))}")
    return dimensions
