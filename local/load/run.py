"""`make load`: an environment of its own, loaded, measured, and stopped."""

from collections.abc import Callable

from rich.console import Console

from local.checkout import Checkout
from local.demo.scene import Scene
from local.interruptions import undisturbed
from local.lifecycle import Lifecycle
from local.load.measured import LoadReport
from local.load.page import page
from local.load.phases import Load
from local.load.report import phases_table, write_json
from local.load.wishes import Wishes
from local.reports.files import keep_logs
from local.reports.objectives import objectives_table
from local.reports.pages import write_page

type Say = Callable[[str], None]


def load_embedded(checkout: Checkout, wishes: Wishes, say: Say) -> LoadReport:
    """Bring an environment up, load it, and stop everything.

    Args:
        checkout: With a state of the load's own.
        wishes: How long.
        say: Told a line for each step.

    Raises:
        LocalError: something could not be started, or a phase could not be finished.
    """
    lifecycle = Lifecycle(checkout, say)
    try:
        lifecycle.down()
        environment = lifecycle.up()
        return Load(Scene.of(checkout, environment, lifecycle.cluster), wishes, say).run()
    finally:
        with undisturbed():
            keep_logs(checkout.logs, checkout.load_report)
            lifecycle.down()


def publish(report: LoadReport, checkout: Checkout, console: Console) -> None:
    """Print the tables and write `report.json` and `report.html`."""
    write_json(report, checkout.load_report / "report.json")
    write_page(page(report), checkout.load_report / "report.html")
    console.print(phases_table(report))
    console.print(objectives_table(report.objectives))
    console.print(f"Report: {checkout.load_report / 'report.html'}", markup=False, soft_wrap=True)
