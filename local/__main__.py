"""`python -m local`: the embedded environment's commands, as the Makefile calls them."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import click
import typer
from rich.console import Console

from local.checkout import Checkout
from local.demo.run import run_demo
from local.errors import LocalError
from local.lifecycle import Lifecycle, one_at_a_time

INTERRUPTED = 130
PLAIN_WIDTH = 120

cli = typer.Typer(add_completion=False, no_args_is_help=True, help="The embedded environment.")
console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


@cli.command()
def up() -> None:
    """Start everything, deploy, and return with it running."""
    checkout = Checkout.here()
    with one_at_a_time(checkout.lock):
        lifecycle = Lifecycle(checkout, _say)
        _undone_when_interrupted(lifecycle.up, lifecycle.down)
    console.print(f"Up. What you need is in {checkout.environment_file}; stop it with `make down`.")


@cli.command()
def down() -> None:
    """Stop everything and remove its data."""
    checkout = Checkout.here()
    with one_at_a_time(checkout.lock):
        Lifecycle(checkout, _say).down()
    console.print("Down: nothing of this checkout runs any more.")


@cli.command()
def demo() -> None:
    """Show the whole path once, with evidence, and stop everything."""
    checkout = Checkout.here()
    with one_at_a_time(checkout.lock):
        report = run_demo(checkout, console)
    raise typer.Exit(0 if report.proven else 1)


def main() -> None:
    """Run a command; trouble is one line and status 1, an interruption leaves nothing behind."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        sys.exit(cli(standalone_mode=False))
    except LocalError as error:
        _end(f"error: {error}", 1)
    except click.Abort:
        _end("interrupted: what was started has been stopped", INTERRUPTED)
    except click.ClickException as error:
        _end(f"error: {error.format_message()}", error.exit_code)


def _undone_when_interrupted(action: Callable[[], object], undo: Callable[[], None]) -> None:
    try:
        action()
    except KeyboardInterrupt:
        undo()
        raise


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _say(what: str) -> None:
    console.print(what, markup=False)


def _end(line: str, status: int) -> NoReturn:
    Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
