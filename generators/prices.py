"""Reads generators/tables/prices.yaml: prices with their sources, assumptions about use, and alternatives."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generators.errors import TableError
from generators.fields import Fields

TABLE = "generators/tables/prices.yaml"


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs.

    Args:
        usd: US dollars.
        unit: Of what.
        source: Where it was read and when, or that nobody has verified it.
    """

    usd: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """What the templates do not say about use."""

    value: float
    what: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """Parameters that differ from those of an environment."""

    of: str
    what: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Prices:
    """The table.

    Args:
        region: Where the prices are those of.
        date: Of which day they are.
        hours: Hours of a month.
        prices: By key, instance classes by their names.
        assumptions: By key.
        alternatives: In order.
    """

    region: str
    date: str
    hours: float
    prices: Mapping[str, Price]
    assumptions: Mapping[str, Assumption]
    alternatives: tuple[Alternative, ...]

    def usd(self, key: str) -> float:
        """Return a price in US dollars.

        Raises:
            TableError: the table does not have it.
        """
        if key not in self.prices:
            raise TableError(f"{TABLE}: there is no price of {key}; add a row")
        return self.prices[key].usd

    def assumed(self, key: str) -> float:
        """Return an assumption.

        Raises:
            TableError: the table does not have it.
        """
        if key not in self.assumptions:
            raise TableError(f"{TABLE}: there is no assumption {key}; add a row")
        return self.assumptions[key].value


def load_prices(root: Path) -> Prices:
    """Return the table.

    Raises:
        TableError: it is wrong.
    """
    whole = Fields.read(root, TABLE)
    whole.only(("region", "date", "hours_a_month", "prices", "assumptions", "alternatives"))
    return Prices(
        whole.text("region"),
        str(whole.values.get("date")),
        whole.number("hours_a_month"),
        {row.text("key"): _price(row) for row in whole.parts("prices", "key")},
        {row.text("key"): _assumption(row) for row in whole.parts("assumptions", "key")},
        tuple(_alternative(row) for row in whole.parts("alternatives", "what")),
    )


def _price(row: Fields) -> Price:
    row.only(("key", "usd", "unit", "source"))
    return Price(row.number("usd"), row.text("unit"), row.text("source"))


def _assumption(row: Fields) -> Assumption:
    row.only(("key", "value", "what"))
    return Assumption(row.number("value"), row.text("what"))


def _alternative(row: Fields) -> Alternative:
    row.only(("of", "what", "parameters"))
    return Alternative(row.text("of"), row.text("what"), dict(row.part("parameters").values))
