"""Metric math: the expressions of alarms, evaluated over the values of their metrics.

CloudWatch user guide, "Using math expressions with CloudWatch metrics". Every value is a series: one number, or none,
for each period, newest first. A number in the expression is a series that is the same everywhere.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence

type Point = float | None
type Series = tuple[Point, ...]
type Numbers = Callable[..., float]

_WORDS = {"AND": "and", "&&": "and", "OR": "or", "||": "or", "NOT": "not", "^": "**"}
_TOKEN = re.compile(r"\b(?:AND|OR|NOT)\b|&&|\|\||\^")
_OPERATORS: dict[type[ast.AST], Numbers] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.And: lambda *values: all(values),
    ast.Or: lambda *values: any(values),
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_PER_POINT: dict[str, Numbers] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "MAX": max,
    "MIN": min,
    "AVG": lambda found: sum(found) / len(found),
}


def evaluate(expression: str, metrics: Mapping[str, Series], period: int, length: int) -> Series:
    """Return the expression's value in each period, newest first; None where data are missing.

    Args:
        expression: Such as `100 * connections / FILL(limit, 300)`.
        metrics: The values of every metric and expression that it names, by id, over the same periods.
        period: Length of a period in seconds.
        length: How many periods.

    Raises:
        ValueError: the expression is not understood, or names something unknown.
    """
    text = _TOKEN.sub(lambda found: f" {_WORDS[found[0]]} ", expression).strip()
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"the metric math {expression!r} is not understood: {error.msg}") from error
    return _Evaluation(metrics, period, length).of(tree)


class _Evaluation:
    def __init__(self, metrics: Mapping[str, Series], period: int, length: int) -> None:
        self._metrics = metrics
        self._period = period
        self._length = length

    def of(self, node: ast.expr) -> Series:
        match node:
            case ast.Constant(value=int() | float() as number):
                return (float(number),) * self._length
            case ast.Name(id=name) if name in self._metrics:
                return self._metrics[name]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        kind, operands = _operation(node)
        return _pointwise(_OPERATORS[kind], *(self.of(operand) for operand in operands))

    def _call(self, name: str, arguments: Sequence[ast.expr]) -> Series:
        match name, arguments:
            case _, [ast.List(elts=elements)] if name in _AGGREGATES:
                return _across(_AGGREGATES[name], [self.of(element) for element in elements])
            case "FILL", [series, ast.Name(id="REPEAT")]:
                return _repeated(self.of(series))
            case _:
                return self._function(name, [self.of(argument) for argument in arguments])

    def _function(self, name: str, values: Sequence[Series]) -> Series:
        match name, values:
            case "FILL", [series, other]:
                return tuple(new if old is None else old for old, new in zip(series, other, strict=True))
            case "IF", [asked, then, *otherwise]:
                return _chosen(asked, then, otherwise[0] if otherwise else (None,) * self._length)
            case "RATE" | "DIFF", [series]:
                return _differences(series, self._period if name == "RATE" else 1)
            case _, [series] if name in _PER_POINT:
                return _pointwise(_PER_POINT[name], series)
            case _, [series] if name in _AGGREGATES:
                return _across(_AGGREGATES[name], [(point,) for point in series]) * self._length
        raise ValueError(f"the metric math function {name} is not understood with {len(values)} arguments")


def _operation(node: ast.expr) -> tuple[type[ast.AST], Sequence[ast.expr]]:
    match node:
        case ast.BinOp(left=left, op=kind, right=right) | ast.Compare(left=left, ops=[kind], comparators=[right]):
            return type(kind), [left, right]
        case ast.UnaryOp(op=kind, operand=operand):
            return type(kind), [operand]
        case ast.BoolOp(op=kind, values=values):
            return type(kind), values
    raise ValueError(f"the metric math {ast.unparse(node)!r} is not understood")


def _pointwise(function: Numbers, *series: Series) -> Series:
    """Apply a function period by period; a missing value, or a division by zero, makes a missing value."""
    return tuple(_applied(function, row) for row in zip(*series, strict=True))


def _applied(function: Numbers, row: Sequence[Point]) -> Point:
    try:
        return None if None in row else float(function(*row))
    except ZeroDivisionError:
        return None


def _across(function: Callable[[Sequence[float]], float], series: Sequence[Series]) -> Series:
    """Aggregate period by period, over those that have data."""
    rows = ([point for point in row if point is not None] for row in zip(*series, strict=True))
    return tuple(float(function(row)) if row else None for row in rows)


def _chosen(asked: Series, then: Series, otherwise: Series) -> Series:
    rows = zip(asked, then, otherwise, strict=True)
    return tuple(None if answer is None else (yes if answer else no) for answer, yes, no in rows)


def _repeated(series: Series) -> Series:
    filled: list[Point] = []
    for point in reversed(series):
        filled.append(filled[-1] if point is None and filled else point)
    return tuple(reversed(filled))


def _differences(series: Series, unit: int) -> Series:
    """Return how much each value is above the one before, per unit; the oldest has none before it."""
    return _pointwise(lambda newer, older: (newer - older) / unit, series, (*series[1:], None))
