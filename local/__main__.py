"""`python -m local`: the embedded environment's commands, as the Makefile calls them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from deployment.samconfig import LOCAL
from local import database_check
from local.checkout import Checkout
from local.demo.run import run_demo
from local.drill.aws import DrilledDeployment
from local.drill.losses import Mode
from local.drill.run import Wishes, drill_deployment, drill_embedded, publish
from local.interruptions import interrupt_on_signals, undisturbed
from local.lifecycle import Lifecycle, one_at_a_time
from local.load.run import load_embedded
from local.load.run import publish as publish_load
from local.load.wishes import Wishes as LoadWishes
from local.pooler.rendering import Wishes as PoolerWishes
from local.pooler.rendering import write_configuration
from local.redrive.places import Place, embedded_place, place_on_aws
from local.redrive.queues import HIDDEN_SECONDS, find_queues
from local.redrive.run import redrive as redrive_letters
from local.trouble import TROUBLE, in_a_line

Env = Annotated[str, typer.Option(help="dev, staging or prod on AWS; the embedded one with local or none.")]
# Numbers and modes are read by the wishes, which tell what is wrong with them in one line; Typer takes six.
Runs = Annotated[str, typer.Option(help="How often the primary is lost; embedded only.")]
Lost = Annotated[str, typer.Option(help="How it is lost: forced; embedded also killed or frozen.")]
ReportUrl = Annotated[str, typer.Option(help="Where the report will be published, for the alerts to link to.")]
Confirm = Annotated[str, typer.Option(help="The instance's name, where production's is asked for.")]
PoolerVersion = Annotated[str, typer.Option(help="PgBouncer's where it will run; by default this machine's, or 1.18.")]
Listen = Annotated[str, typer.Option(help="The address that it takes connections at: 127.0.0.1, or 0.0.0.0.")]
Seconds = Annotated[str, typer.Option(help="How long each phase of the load is.")]

FAILED, INTERRUPTED = 1, 130
STOPPED = "what was started has been stopped"
CLEARED = "everything has been stopped, and its data are gone"
STILL_UP = "what is not stopped yet runs on; `make down` again stops it"
FAILED_OVER = "if RDS was asked for a failover, that goes on"
HANDED_OVER = (
    "functions go on with the letters that they were handed; "
    f"the others are back in their queues within {HIDDEN_SECONDS // 60} minutes"
)
CHECKING = "if the function was invoked, it goes on; it changes nothing"
SETTING_UP = "if the function was invoked, it goes on; run the command again to see that all is done"
HALF_WRITTEN = "nothing was started; what is in build/pgbouncer may not be whole until the command is run again"
PLAIN_WIDTH = 120

cli = typer.Typer(add_completion=False, no_args_is_help=True, help="The embedded environment.")
console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


@cli.command()
def up() -> None:
    """Start everything, deploy, and return with it running."""
    checkout = Checkout.here()
    lifecycle = Lifecycle(checkout, _say)
    with _reported(CLEARED, lifecycle.down), one_at_a_time(checkout.lock):
        lifecycle.up()
    _say(f"Up. What you need is in {checkout.environment_file}; stop it with `make down`.")


@cli.command()
def down() -> None:
    """Stop everything of this checkout, also what a killed demonstration or test left, and remove its data."""
    with _reported(STILL_UP), one_at_a_time(Checkout.here().lock):
        for checkout in Checkout.every_state():
            Lifecycle(checkout, _say).down()
    _say("Down: nothing of this checkout runs any more.")


@cli.command()
def demo() -> None:
    """Show the whole path once, with evidence, and stop everything."""
    checkout = Checkout.of_demo()
    with _reported(STOPPED), one_at_a_time(checkout.lock):
        report = run_demo(checkout, console)
    raise typer.Exit(0 if report.proven else FAILED)


@cli.command()
def drill(
    runs: Runs = "1", mode: Lost = Mode.FORCED.value, env: Env = "", confirm: Confirm = "", report_url: ReportUrl = ""
) -> None:
    """Lose the primary, measure what that costs, and write a report; status 1 if an objective was missed."""
    checkout = Checkout.here() if env else Checkout.of_drill()
    with _reported(FAILED_OVER if env else STOPPED):
        wishes = Wishes.typed(runs, mode, env, confirm, report_url)
        wishes.require_possible()
        if env:
            deployment = DrilledDeployment(_place(env))
            found = drill_deployment(deployment, wishes, _say)
            publish(found, checkout, console)
            deployment.notices.tell(found, wishes.report_place)
        else:
            with one_at_a_time(checkout.lock):
                found = drill_embedded(checkout, wishes, _say)
            publish(found, checkout, console)
    raise typer.Exit(0 if found.is_passed else FAILED)


@cli.command()
def load(seconds: Seconds = "60") -> None:
    """Load an environment of its own, measure, and write a report; status 1 if an objective was missed."""
    checkout = Checkout.of_load()
    with _reported(STOPPED):
        wishes = LoadWishes.typed(seconds)
        wishes.require_possible()
        with one_at_a_time(checkout.lock):
            found = load_embedded(checkout, wishes, _say)
    publish_load(found, checkout, console)
    raise typer.Exit(0 if found.is_passed else FAILED)


@cli.command()
def redrive(env: Env = "") -> None:
    """Invoke the functions again with what their dead-letter queues hold; status 1 if something had to stay there."""
    with _reported(HANDED_OVER):
        report = redrive_letters(find_queues(_place(env)), _say)
    _say(str(report))
    raise typer.Exit(FAILED if report.left else 0)


@cli.command("check-database")
def check_database(env: Env = "") -> None:
    """Compare what the server runs with what it should; status 1 if something differs."""
    with _reported(CHECKING):
        is_right = database_check.check_database(_place(env), _say)
    raise typer.Exit(0 if is_right else FAILED)


@cli.command("set-up-database")
def set_up_database(env: Env = "") -> None:
    """Make extensions, roles and rights in the database what they should be; harmless when they are."""
    with _reported(SETTING_UP):
        database_check.set_up_database(_place(env), _say)


@cli.command()
def pgbouncer(env: Env = "", version: PoolerVersion = "", listen: Listen = "") -> None:
    """Write the pooler's configuration for a deployment into build/pgbouncer."""
    with _reported(HALF_WRITTEN):
        write_configuration(_place(env), Checkout.here(), PoolerWishes(env, version, listen), _say)


@contextmanager
def _reported(interrupted: str, undo: Callable[[], None] | None = None) -> Iterator[None]:
    """End with one line and a status: trouble with 1, an interruption with 130 after it is undone.

    Args:
        interrupted: What an interruption leaves behind, in words.
        undo: What is done before that is said.
    """
    interrupt_on_signals()
    try:
        yield
    except TROUBLE as error:
        _complain(f"error: {in_a_line(error)}")
        raise typer.Exit(FAILED) from error
    except KeyboardInterrupt as interruption:
        with undisturbed():
            if undo:
                undo()
            _complain(f"interrupted: {interrupted}")
        raise typer.Exit(INTERRUPTED) from interruption


def _place(env: str) -> Place:
    checkout = Checkout.here()
    if env in {"", LOCAL}:
        return embedded_place(Lifecycle(checkout, _say).environment())
    return place_on_aws(checkout, env)


def _say(what: str) -> None:
    console.print(what, markup=False, soft_wrap=True)


def _complain(line: str) -> None:
    Console(stderr=True, highlight=False, emoji=False).print(line, markup=False, soft_wrap=True)


if __name__ == "__main__":
    cli()
