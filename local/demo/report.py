"""What the demonstration proved: a table for people, the same as JSON for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rich.table import Table


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step.

    Args:
        name: What was to be shown.
        proven: Whether it was.
        evidence: What shows it, or what went wrong.
        seconds: How long it took.
        log: Where more can be read.
    """

    name: str
    proven: bool
    evidence: str
    seconds: float
    log: str = ""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The whole demonstration."""

    started_at: datetime
    steps: tuple[StepResult, ...]
    expected_steps: int

    @property
    def proven(self) -> bool:
        """Return whether every step was reached and proven."""
        return len(self.steps) == self.expected_steps and all(step.proven for step in self.steps)

    @property
    def seconds(self) -> float:
        """Return how long all steps took together."""
        return sum(step.seconds for step in self.steps)

    def table(self) -> Table:
        """Return the steps as a table."""
        table = Table(title=f"Demonstration: {self._verdict()}", title_justify="left", show_lines=True)
        table.add_column("#", justify="right")
        table.add_column("Step")
        table.add_column("Proven")
        table.add_column("Evidence", ratio=1)
        table.add_column("s", justify="right")
        for number, step in enumerate(self.steps, 1):
            proven = "[green]yes[/]" if step.proven else "[red]NO[/]"
            table.add_row(str(number), step.name, proven, _escaped(step.evidence), f"{step.seconds:.1f}")
        return table

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "version": 1,
            "started_at": self.started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "proven": self.proven,
            "seconds": round(self.seconds, 1),
            "steps": [asdict(step) | {"seconds": round(step.seconds, 1)} for step in self.steps],
        }
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _verdict(self) -> str:
        proven = sum(step.proven for step in self.steps)
        return f"{proven} of {self.expected_steps} steps proven in {self.seconds:.0f} s"


def lines(items: Sequence[str]) -> str:
    """Return evidence of several lines."""
    return "\n".join(items)


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
