"""Makes the tables of docs/cost.md: a bill for each environment, what alternatives change, prices and assumptions."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generators.costs import Line, bill, instance_hours
from generators.errors import TableError
from generators.markdown import table
from generators.pieces import Piece, Region
from generators.prices import TABLE, Prices, load_prices
from generators.stack_plan import plan

PATH = "docs/cost.md"
ENVIRONMENTS = ("dev", "staging", "prod")

type Parameters = Mapping[str, object]


def generate(root: Path) -> Iterable[Piece]:
    """Return the regions.

    Raises:
        TableError: the table of prices is wrong, or lacks one.
        PlanError: an environment's or an alternative's parameters do not go together.
    """
    prices, environments = load_prices(root), _environments(root)
    bills = {name: bill(plan(root, values), prices) for name, values in environments.items()}
    yield _region("sums", _sums(bills, prices))
    for name, lines in bills.items():
        yield _region(f"bill of {name}", _bill(lines))
    yield _region("alternatives", _alternatives(root, environments, bills, prices))
    yield _region("prices", _prices(prices))
    yield _region("assumptions", _assumptions(prices))


def _environments(root: Path) -> Mapping[str, Parameters]:
    """Return the parameters that samconfig.toml gives each environment."""
    configuration = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    return {
        name: dict(
            override.split("=", 1) for override in configuration[name]["deploy"]["parameters"]["parameter_overrides"]
        )
        for name in ENVIRONMENTS
    }


def total(lines: Iterable[Line]) -> float:
    """Return the sum of a bill in US dollars."""
    return sum(line.usd for line in lines)


def _sums(bills: Mapping[str, tuple[Line, ...]], prices: Prices) -> str:
    heads = ("environment", "a month", "of that instance hours", "with a reservation for a year")
    rows = []
    for name, lines in bills.items():
        hours = instance_hours(lines)
        reserved = total(lines) - prices.assumed("reserved") * hours
        rows.append((name, _usd(total(lines)), _usd(hours), _usd(reserved)))
    title = f"US dollars a month in {prices.region}, without tax, of {prices.date}:\n\n"
    return title + table(heads, rows, right=3)


def _bill(lines: tuple[Line, ...]) -> str:
    rows = [(line.what, line.formula, _usd(line.usd)) for line in lines]
    return table(("what", "formula", "USD a month"), [*rows, ("**sum**", "", f"**{_usd(total(lines))}**")], right=1)


def _alternatives(
    root: Path, environments: Mapping[str, Parameters], bills: Mapping[str, tuple[Line, ...]], prices: Prices
) -> str:
    def rows() -> Iterator[tuple[str, str, str, str]]:
        for alternative in prices.alternatives:
            if alternative.of not in environments:
                raise TableError(f"{TABLE}: {alternative.of} is no environment, allowed: {', '.join(environments)}")
            other = total(bill(plan(root, {**environments[alternative.of], **alternative.parameters}), prices))
            changed = " ".join(f"{name}={value}" for name, value in alternative.parameters.items())
            difference = other - total(bills[alternative.of])
            yield f"{alternative.of}, {alternative.what}", f"`{changed}`", f"{difference:+.2f}", _usd(other)

    return table(("instead of", "parameters", "difference", "USD a month"), rows(), right=2)


def _prices(prices: Prices) -> str:
    rows = [
        (f"`{key}`", f"{price.usd:.10f}".rstrip("0"), price.unit, price.source) for key, price in prices.prices.items()
    ]
    return table(("price", "USD", "for", "source"), rows)


def _assumptions(prices: Prices) -> str:
    rows = [(f"`{key}`", f"{each.value:g}", each.what) for key, each in prices.assumptions.items()]
    return table(("assumption", "value", "what"), rows)


def _usd(amount: float) -> str:
    return f"{amount:.2f}"


def _region(name: str, text: str) -> Region:
    return Region(PATH, name, ("", *text.split("\n")))
