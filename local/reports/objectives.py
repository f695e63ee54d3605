"""What was promised, what was measured of it, and what follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.table import Table

NOTHING = "-"


class Verdict(StrEnum):
    """What became of an objective."""

    PASSED = "pass"
    FAILED = "fail"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise, and what was measured of it.

    Args:
        identifier: Its name, e.g. O1.
        promise: What was promised.
        measured: What was found, in words.
        verdict: What follows.
    """

    identifier: str
    promise: str
    measured: str
    verdict: Verdict


_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.NOT_MEASURED: "yellow"}


def objectives_table(objectives: Iterable[Objective]) -> Table:
    """Return what was promised and what became of it."""
    table = Table(title="Objectives", title_justify="left")
    for heading in ("", "Promised", "Measured", "Verdict"):
        table.add_column(heading)
    for objective in objectives:
        table.add_row(*_objective_cells(objective))
    return table


def number(value: float | None, digits: int = 2) -> str:
    """Return a measured number as it is printed; a dash where nothing was measured."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def _objective_cells(objective: Objective) -> Sequence[str]:
    colour = _COLOURS[objective.verdict]
    return [objective.identifier, objective.promise, objective.measured, f"[{colour}]{objective.verdict}[/]"]
