"""Which rate clients hold: tried by halving the range, decided without a clock."""

from collections.abc import Callable
from dataclasses import dataclass

from local.load.figures import Figures

LOWEST, HIGHEST = 500.0, 1500.0
"""Transactions a second between which it is looked for: what is promised, and what Python on two cores cannot do."""

STEPS = 6
"""Halvings: the answer is then exact to 16 transactions a second."""

HELD_SHARE = 0.98
"""What is begun at random distances is seldom the very rate."""

HELD_MEAN_MS = 25.0
"""A quarter of what the objective allows: what holds for seconds has to hold for a minute."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A rate that was tried, and whether it was held."""

    rate: float
    throughput: float
    mean_ms: float | None
    is_held: bool


def is_held(rate: float, figures: Figures) -> bool:
    """Tell whether a rate was held: nearly all succeeded in time, quickly and without an error."""
    return (
        not figures.errors
        and figures.throughput >= HELD_SHARE * rate
        and figures.mean_ms is not None
        and figures.mean_ms <= HELD_MEAN_MS
    )


def highest_held(attempt: Callable[[float], Figures]) -> tuple[float, tuple[Rung, ...]]:
    """Return the highest rate that was held, and what was tried; the lowest one where none was.

    Args:
        attempt: Loads at a rate for some seconds.
    """
    low, high = LOWEST, HIGHEST
    tried = []
    for _ in range(STEPS):
        rate = (low + high) / 2
        figures = attempt(rate)
        rung = Rung(rate, figures.throughput, figures.mean_ms, is_held(rate, figures))
        tried.append(rung)
        low, high = (rate, high) if rung.is_held else (low, rate)
    return low, tuple(tried)
