"""Which rate clients hold: tried by halving the range, decided without a clock."""

from dataclasses import dataclass, field

from local.load.figures import Figures

LOWEST, HIGHEST = 520.0, 1500.0
"""Transactions a second between which it is looked for: a little more than the 500 that are promised, for random
distances never give the very rate, and what Python on two cores cannot do."""

STEPS = 6
"""Halvings: the answer is then exact to 15 transactions a second."""

HELD_SHARE = 0.98
"""How much of what was due has to be done in time."""

HELD_MEAN_MS = 25.0
"""A quarter of what the objective allows, for seconds are not minutes."""

HEADROOM = 0.8
"""How much of what holds for seconds is asked for a minute: beyond it a pause of the machine is not made up for."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A rate that was tried, and whether it was held."""

    rate: float
    throughput: float
    mean_ms: float | None
    is_held: bool


def is_held(figures: Figures) -> bool:
    """Tell whether a rate was held: nearly all succeeded in time, quickly and without an error."""
    return (
        not figures.errors
        and figures.throughput >= HELD_SHARE * figures.due
        and figures.mean_ms is not None
        and figures.mean_ms <= HELD_MEAN_MS
    )


@dataclass(slots=True)
class Ladder:
    """Looks for the highest rate that is held; several can be climbed in turn, so that all see the same machine.

    Args:
        low: The highest rate that was held so far; at first the lowest that is looked at.
        high: The lowest one that was not.
    """

    low: float = LOWEST
    high: float = HIGHEST
    rungs: list[Rung] = field(default_factory=list)

    @property
    def sustained_rate(self) -> float:
        """The rate to ask for a minute: not less than the lowest that is looked at."""
        return max(self.low * HEADROOM, LOWEST)

    @property
    def next_rate(self) -> float:
        """The rate to try now."""
        return (self.low + self.high) / 2

    def climb(self, figures: Figures) -> None:
        """Take in what came of it."""
        rate = self.next_rate
        rung = Rung(rate, figures.throughput, figures.mean_ms, is_held(figures))
        self.rungs.append(rung)
        self.low, self.high = (rate, self.high) if rung.is_held else (self.low, rate)
