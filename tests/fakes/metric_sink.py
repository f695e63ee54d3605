"""A metric sink that keeps what it was given."""

from collections.abc import Mapping


class FakeMetricSink:
    """Keeps every value as (name, value, unit, dimensions)."""

    def __init__(self) -> None:
        self.added: list[tuple[str, float, str, Mapping[str, str] | None]] = []

    def add(self, name: str, value: float, unit: str, dimensions: Mapping[str, str] | None = None) -> None:
        self.added.append((name, value, unit, dimensions))

    @property
    def values(self) -> dict[str, float]:
        """The values without further dimensions, by name."""
        return {name: value for name, value, _, dimensions in self.added if not dimensions}

    @property
    def units(self) -> dict[str, str]:
        """The unit of each metric, by name."""
        return {name: unit for name, _, unit, _ in self.added}
