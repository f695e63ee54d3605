"""What a server shows of itself, and what it should."""

from dataclasses import dataclass
from typing import Protocol

# pg_settings.source: a value of these comes from a role, a database or a session, and hides the server's own.
_HIDING_SOURCES = frozenset({"user", "database", "database user", "client", "session", "override by session"})


@dataclass(frozen=True, slots=True)
class Fact:
    """What the server shows of one name.

    Args:
        value: In the unit that RDS's parameter groups use, too.
        unit: That unit; empty where there is none.
        source: Where the value comes from, in the words of pg_settings; empty where it is no setting.
    """

    value: str
    unit: str = ""
    source: str = ""

    def in_its_unit(self, value: object) -> str:
        """Return a value with the unit behind it, such as `600 s` or `2048 x 8kB`."""
        return f"{value} {'x ' if self.unit[:1].isdigit() else ''}{self.unit}".rstrip()

    @property
    def hides_the_servers(self) -> bool:
        """Whether other sessions may well have another value."""
        return self.source in _HIDING_SOURCES


class Comparison(Protocol):
    """What a value should be; its text says it in words."""

    def holds_for(self, value: str) -> bool:
        """Tell whether a value is as it should be."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one name should show.

    Args:
        name: A parameter, or another fact.
        wanted: What its value should be.
        meaning: What it means if it is not, as a sentence.
        only_on_rds: Whether a server that is not RDS's need not know the name.
    """

    name: str
    wanted: Comparison
    meaning: str
    only_on_rds: bool = False


@dataclass(frozen=True, slots=True)
class Exactly:
    """The same number or text."""

    value: str

    def holds_for(self, value: str) -> bool:
        """Tell whether both are the same number or the same text."""
        return _comparable(value) == _comparable(self.value)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class SwitchedOn:
    """A switch that is on; RDS shows some of its own as a number."""

    def holds_for(self, value: str) -> bool:
        """Tell whether the value means on."""
        return value.lower() in {"on", "1", "true", "yes"}

    def __str__(self) -> str:
        return "on"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number that is not smaller."""

    minimum: int

    def holds_for(self, value: str) -> bool:
        """Tell whether the value is a number that is large enough."""
        return value.isdigit() and int(value) >= self.minimum

    def __str__(self) -> str:
        return f"{self.minimum} or more"


@dataclass(frozen=True, slots=True)
class About:
    """A number within one per cent, because RDS's formulas cut off what is behind the point."""

    value: float

    def holds_for(self, value: str) -> bool:
        """Tell whether the value is a number that is near enough."""
        number = _comparable(value)
        return isinstance(number, float) and abs(number - self.value) <= self.value / 100

    def __str__(self) -> str:
        return f"about {self.value:.0f}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some texts."""

    values: tuple[str, ...]

    def holds_for(self, value: str) -> bool:
        """Tell whether the value is among them."""
        return value in self.values

    def __str__(self) -> str:
        return " or ".join(self.values)


@dataclass(frozen=True, slots=True)
class Including:
    """A list, separated by commas, that holds a text."""

    item: str

    def holds_for(self, value: str) -> bool:
        """Tell whether the list holds it."""
        return self.item in [item.strip() for item in value.split(",")]

    def __str__(self) -> str:
        return f"with {self.item}"


def _comparable(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value
