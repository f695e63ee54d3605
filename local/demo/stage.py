"""Runs the steps of the demonstration one after the other, shows them as they go, and keeps what they proved."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from local.demo.report import DemoReport, StepResult
from local.trouble import TROUBLE, in_a_line


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to show.

    Args:
        name: What is shown.
        show: Does it and returns the evidence; raises LocalError where it cannot be proven.
        log: Where more can be read if it fails.
    """

    name: str
    show: Callable[[], str]
    log: Path


@dataclass(slots=True)
class Stage:
    """The console and the results so far.

    Args:
        console: Where to show them.
        moved_logs: The folder of the logs while everything runs, and the one that they are moved to at the end.
        results: What was shown so far.
    """

    console: Console
    moved_logs: tuple[str, str] = ("", "")
    results: list[StepResult] = field(default_factory=list)

    def perform(self, steps: tuple[Step, ...]) -> DemoReport:
        """Run the steps; the first that cannot be proven ends it."""
        started_at = datetime.now(UTC)
        for number, step in enumerate(steps, 1):
            result = self._perform(f"{number}/{len(steps)}", step)
            self.results.append(result)
            if not result.proven:
                break
        return DemoReport(started_at, tuple(self.results), len(steps))

    def say(self, text: str) -> None:
        """Show a line between the steps."""
        self.console.print(f"      {text}", markup=False, soft_wrap=True)

    def _perform(self, place: str, step: Step) -> StepResult:
        self.console.print(f"[bold]{place} {step.name}[/]")
        began = time.monotonic()
        try:
            with self.console.status(step.name):
                evidence = step.show()
        except TROUBLE as error:
            # What is said names the logs where they will be when everything is stopped.
            evidence = in_a_line(error).replace(*self.moved_logs)
            self.say(f"NOT PROVEN: {evidence}")
            return StepResult(step.name, proven=False, evidence=evidence, seconds=_since(began), log=str(step.log))
        self.say(evidence.replace("\n", "\n      "))
        return StepResult(step.name, proven=True, evidence=evidence, seconds=_since(began), log=str(step.log))


def _since(began: float) -> float:
    return time.monotonic() - began
