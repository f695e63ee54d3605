"""Makes rows of what a table's file says; every error names file, row and what is allowed."""

import re
from dataclasses import dataclass, field

from generators.alarm_rows import COMPARISONS, Alarm, Dimensions, Math, Metric, MissingData, Parameter, Severity, Watch
from generators.errors import TableError
from generators.fields import Fields

STEM = r"[a-z]+(-[a-z]+)+"
OF_TARGET = "of function"
_COMMON = {"stem", "severity", "applies_to", "only", "part_of", "meaning", "consequence", "source", "parameters"}
_WATCHED = {"dimensions", "period", "evaluate", "compare", "threshold", "missing", "missing_because"}
_KINDS = ("metric", "math", "counts", "rule")
_PARAMETER = {"parameter", "default", "unit", "description", "minimum", "maximum", "allowed", "bytes_per_unit"}
_PARAMETER |= {"by_class", "note"}
_EVALUATE = r"([1-9][0-9]?) of ([1-9][0-9]?)"
_CHILD = re.compile(r"ALARM\(([a-z-]+)\)")
_LONGEST = 7 * 86400


@dataclass(slots=True)
class AlarmParser:
    """Reads the rows of one table, one after another.

    Args:
        applies_to: What that column may say in this table.
        parameters: The parameters of the rows read so far: a later row may name one of them.
    """

    applies_to: tuple[str, ...]
    parameters: dict[str, Parameter] = field(default_factory=dict)

    def alarm(self, row: Fields) -> Alarm:
        """Return the alarm of a row.

        Raises:
            TableError: the row is not what the columns allow.
        """
        kind = _kind(row)
        row.only({*_COMMON, kind, *(() if kind == "rule" else _WATCHED), *(("label",) if kind == "counts" else ())})
        further = tuple(self._parameter(found) for found in row.parts("parameters", "parameter"))
        return Alarm(
            stem=row.text("stem", pattern=STEM),
            severity=_severity(row),
            applies_to=row.choice("applies_to", self.applies_to),
            meaning=row.text("meaning"),
            consequence=row.text("consequence", pattern=r"\S.*[.}`]"),
            source=row.text("source"),
            watch=None if kind == "rule" else self._watch(row, kind),
            rule=row.text("rule") if kind == "rule" else "",
            part_of=row.text("part_of", "", pattern=STEM),
            only_burstable="only" in row and bool(row.choice("only", ("burstable",))),
            parameters=further,
        )

    def _watch(self, row: Fields, kind: str) -> Watch:
        dimensions = Dimensions(row.choice("dimensions", tuple(Dimensions)))
        breaching, periods = _evaluate(row)
        period = self._period(row)
        if isinstance(period, int) and period * periods > _LONGEST:
            raise row.wrong("evaluate", f"{_LONGEST // period} periods of {period} s, CloudWatch's longest span")
        return Watch(
            measured=_measured(row, kind, dimensions),
            period=period,
            periods=periods,
            breaching=breaching,
            comparison=COMPARISONS[row.choice("compare", tuple(COMPARISONS))],
            threshold=self._threshold(row),
            missing=MissingData(row.choice("missing", tuple(MissingData))),
            missing_because=row.text("missing_because", pattern=r"[A-Z].*\."),
        )

    def _threshold(self, row: Fields) -> float | Parameter:
        if isinstance(row.values.get("threshold"), dict):
            return self._parameter(row.part("threshold"))
        return row.number("threshold")

    def _period(self, row: Fields) -> int | Parameter | None:
        found = row.values.get("period")
        if found == OF_TARGET:
            return None
        if isinstance(found, dict):
            return self._parameter(row.part("period"))
        seconds = row.whole("period")
        # PutMetricAlarm: 10, 20, 30 or a multiple of 60; RDS, and embedded metrics, have nothing finer than a minute.
        if seconds % 60:
            raise row.wrong("period", "a multiple of 60 seconds, or a parameter")
        return seconds

    def _parameter(self, found: Fields) -> Parameter:
        name = found.text("parameter", pattern="[A-Z][A-Za-z]+")
        if set(found.values) == {"parameter"}:
            if name not in self.parameters:
                raise found.wrong("parameter", f"one of a row above: {', '.join(self.parameters)}")
            return self.parameters[name]
        parameter = _new_parameter(found, name)
        if self.parameters.setdefault(name, parameter) is not parameter:
            raise found.wrong("parameter", "a name that no row above has, or the name alone")
        return parameter


def children(rule: str) -> tuple[str, ...]:
    """Return the stems that a composite's rule names, in their order."""
    return tuple(_CHILD.findall(rule))


def _kind(row: Fields) -> str:
    kinds = [kind for kind in _KINDS if kind in row]
    if len(kinds) != 1:
        raise TableError(
            f"{row.where}: {' and '.join(kinds) or 'no measurement'} given, allowed: one of {', '.join(_KINDS)}"
        )
    return kinds[0]


def _severity(row: Fields) -> Severity | None:
    found = row.choice("severity", (*Severity, OF_TARGET))
    return None if found == OF_TARGET else Severity(found)


def _measured(row: Fields, kind: str, dimensions: Dimensions) -> Metric | Math:
    if kind == "metric":
        return metric(row.part("metric"), dimensions)
    if kind == "counts":
        counts = row.part("counts")
        named = {key: Metric(counts.text(key), "Sum", dimensions) for key in counts.values}
        return Math("", row.text("label"), named, is_sum=True)
    math = row.part("math")
    math.only({"expression", "label", "metrics"})
    metrics = math.part("metrics")
    return Math(
        expression=math.text("expression"),
        label=math.text("label"),
        metrics={key: metric(metrics.part(key), dimensions) for key in metrics.values},
    )


def metric(found: Fields, dimensions: Dimensions) -> Metric:
    """Return one metric; its own `dimensions` go before those of the row.

    Raises:
        TableError: see `Fields`.
    """
    found.only({"name", "statistic", "dimensions", "of"})
    own = found.choice("dimensions", tuple(Dimensions)) if "dimensions" in found else dimensions
    return Metric(
        name=found.text("name", pattern=r"[A-Za-z][\w%-]*"),
        statistic=found.text("statistic", "Sum", pattern=r"Average|Maximum|Minimum|Sum|SampleCount|p[0-9]{1,2}"),
        dimensions=Dimensions(own),
        of_primary="of" in found and bool(found.choice("of", ("primary",))),
    )


def _evaluate(row: Fields) -> tuple[int, int]:
    breaching, periods = (int(number) for number in row.text("evaluate", pattern=_EVALUATE).split(" of "))
    if breaching > periods:
        raise row.wrong("evaluate", "not more periods than are looked at")
    return breaching, periods


def _new_parameter(found: Fields, name: str) -> Parameter:
    found.only(_PARAMETER)
    default, allowed = found.number("default"), found.numbers("allowed")
    bounds = None if allowed else (found.number("minimum"), found.number("maximum"))
    if allowed and default not in allowed:
        raise found.wrong("default", ", ".join(f"{value:g}" for value in allowed))
    if bounds and not bounds[0] <= default <= bounds[1]:
        raise found.wrong("default", f"{bounds[0]:g} to {bounds[1]:g}")
    return Parameter(
        name=name,
        default=default,
        unit=found.text("unit"),
        description=found.text("description", pattern=r"[A-Z].*[^.]"),
        note=found.text("note", "", pattern=r"[A-Z0-9].*\."),
        minimum=bounds[0] if bounds else None,
        maximum=bounds[1] if bounds else None,
        allowed=allowed,
        bytes_per_unit=found.whole("bytes_per_unit") if "bytes_per_unit" in found else 0,
        share_of_memory=found.number("by_class") if "by_class" in found else 0,
    )
