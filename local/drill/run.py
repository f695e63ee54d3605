"""`make drill`: a drill from its refusal, or its first run, to its report."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import typer
from rich.console import Console

from local.checkout import Checkout
from local.demo.scene import Scene
from local.drill.aws import DrilledDeployment
from local.drill.conditions import Situation, decide_drill, needs_typed_name
from local.drill.embedded import EmbeddedDrill
from local.drill.forced import ForcedDrill
from local.drill.losses import Mode
from local.drill.notices import report_place
from local.drill.page import page
from local.drill.report import runs_table, write_json
from local.drill.runs import Drill, DrillRun
from local.errors import LocalError
from local.interruptions import undisturbed
from local.lifecycle import Lifecycle
from local.reports.files import keep_logs
from local.reports.objectives import objectives_table
from local.reports.pages import write_page

EMBEDDED = "embedded"
MOST_RUNS = 100
_RUNS_ARE = f"RUNS is a number from 1 to {MOST_RUNS}"
EMBEDDED_NOTE = (
    "Everything is on one machine: the standby is promoted within a second. RDS takes one to two minutes, most of it "
    "to notice the loss, to start PostgreSQL on the standby and to move the endpoint; none of that is shown here."
)
PROBED_NOTE = (
    "Measured by ProbeDatabaseFunction from inside the VPC: each second it commits some rows, one by one, which are "
    "counted after the failover and removed."
)

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line.

    Args:
        runs: How many losses.
        mode: How the primary is lost.
        environment: Which deployment; empty for an embedded environment of the drill's own.
        confirmed: The instance's name, typed beforehand; empty to ask.
        report_address: Where the report will be published; empty for this machine alone.
    """

    runs: int = 1
    mode: Mode = Mode.FORCED
    environment: str = ""
    confirmed: str = ""
    report_address: str = ""

    @classmethod
    def typed(cls, runs: str, mode: str, environment: str, confirmed: str, report_address: str) -> Self:
        """Return what was typed, which need not be possible; the arguments are the fields as text.

        Raises:
            LocalError: the runs are no number, or there is no such way to lose the primary.
        """
        try:
            number = int(runs)
        except ValueError as error:
            raise LocalError(f"{_RUNS_ARE}, not {runs}") from error
        if mode not in set(Mode):
            *others, last = Mode
            raise LocalError(f"MODE is {', '.join(others)} or {last}, not {mode}")
        return cls(number, Mode(mode), environment, confirmed, report_address)

    @property
    def report_place(self) -> str:
        """Where the report will be, for people; errors as `notices.report_place`."""
        return report_place(self.report_address)

    def require_possible(self) -> None:
        """Refuse what cannot be done.

        Raises:
            LocalError: the number of runs is out of range, or the environment cannot do it.
        """
        if not 1 <= self.runs <= MOST_RUNS:
            raise LocalError(f"{_RUNS_ARE}, not {self.runs}")
        report_place(self.report_address)
        if self.environment and self.mode is not Mode.FORCED:
            raise LocalError(
                f"MODE={self.mode} is for the embedded environment: RDS takes requests for a failover only"
            )
        if self.environment and self.runs > 1:
            raise LocalError("RUNS is 1 with ENV: RDS abandons a failover that follows another too soon")


def drill_embedded(checkout: Checkout, wishes: Wishes, say: Say) -> Drill:
    """Bring an environment up, lose its primary as often as wished, control the counting, and stop everything.

    Args:
        checkout: With a state of the drill's own.
        wishes: How often, and how.
        say: Told a line for each step.

    Raises:
        LocalError: something could not be started, or a run could not be finished.
    """
    lifecycle = Lifecycle(checkout, say)
    started_at = datetime.now(UTC)
    try:
        lifecycle.down()
        environment = lifecycle.up()
        drill = EmbeddedDrill(Scene.of(checkout, environment, lifecycle.cluster))
        runs = [_marked_run(drill, number, wishes, say) for number in range(1, wishes.runs + 1)]
        say("Control: the standby held back, without and with commits that wait for it, and written to by the probe")
        controls = (drill.control(asynchronous=True), drill.control(asynchronous=False), drill.probed_control())
        found = Drill(EMBEDDED, drill.scene.instance, started_at, tuple(runs), controls, (EMBEDDED_NOTE,))
        write_reports(found, checkout)
        drill.tell(found, wishes.report_place)
        return found
    finally:
        with undisturbed():
            keep_logs(checkout.logs, checkout.drill_report)
            lifecycle.down()


def drill_deployment(deployment: DrilledDeployment, wishes: Wishes, say: Say) -> Drill:
    """Force a failover of a deployment if nothing speaks against it.

    Args:
        deployment: Whose.
        wishes: What was confirmed.
        say: Told what is being done.

    Raises:
        LocalError: something speaks against it, the name was not typed, or RDS did not complete it.
    """
    started_at = datetime.now(UTC)
    situation = deployment.situation()
    refusals = decide_drill(situation, started_at)
    if refusals:
        reasons = "; ".join(refusal.reason for refusal in refusals)
        raise LocalError(f"no failover was forced: {reasons}")
    _require_name(situation, wishes)
    say(f"Forcing a failover of {deployment.instance}")
    drill = ForcedDrill(deployment, say)
    with deployment.notices.marked(wishes.report_place, say, is_lost=lambda: drill.is_forced):
        run = drill.run()
    return Drill(wishes.environment, deployment.instance, started_at, (_told(run, say),), (), (PROBED_NOTE,))


def write_reports(drill: Drill, checkout: Checkout) -> None:
    """Write `report.json` and `report.html`."""
    write_json(drill, checkout.drill_report / "report.json")
    write_page(page(drill), checkout.drill_report / "report.html")


def publish(drill: Drill, checkout: Checkout, console: Console) -> None:
    """Write the reports and print the tables."""
    write_reports(drill, checkout)
    console.print(runs_table(drill))
    console.print(objectives_table(drill.objectives))
    console.print(f"Report: {checkout.drill_report / 'report.html'}", markup=False, soft_wrap=True)


def _require_name(situation: Situation, wishes: Wishes) -> None:
    """Have the name typed of an instance whose users are real; the embedded one has none."""
    if not needs_typed_name(situation) or wishes.environment == "local":
        return
    if typed_name(situation.instance, wishes.confirmed) != situation.instance:
        raise LocalError(f"no failover was forced: the name typed is not {situation.instance}")


def typed_name(instance: str, confirmed: str) -> str:
    """Return the name that was typed, or given beforehand.

    Raises:
        LocalError: none was given, and nobody is there to type it.
    """
    if confirmed:
        return confirmed
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LocalError(f"nobody is here to type the instance's name: set CONFIRM={instance}")
    question = f"Its users will be cut off for a minute or two. Type {instance} to fail it over"
    return str(typer.prompt(question, default="", show_default=False))


def _marked_run(drill: EmbeddedDrill, number: int, wishes: Wishes, say: Say) -> DrillRun:
    """Mark each run anew: a mark does not last for a hundred of them."""
    with drill.notices.marked(wishes.report_place, say, is_lost=lambda: True):
        return _told(drill.run(number, wishes.mode), say)


def _told(run: DrillRun, say: Say) -> DrillRun:
    moments: Sequence[str] = [f"{name.value} {seconds:.2f} s" for name, seconds in run.moments.items()]
    lost = f", lost: {run.account.lost} of {run.account.acknowledged} acknowledged" if run.account else ""
    say(f"Run {run.number}, {run.mode}: {', '.join(moments)}{lost}")
    return run
