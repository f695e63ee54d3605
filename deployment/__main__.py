"""`python -m deployment`: what `make validate`, `diff`, `deploy` and `destroy` do."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from deployment.deploy import Deployer
from deployment.destroy import Destroyer
from deployment.errors import DeploymentError
from deployment.packaging import Workshop
from deployment.parameters import check_parameters
from deployment.place import Place, check_account, find_place
from deployment.questions import of_the_terminal
from deployment.sam import machine_architecture
from deployment.samconfig import FILE, Target, parse_pairs, read_target
from deployment.validation import Validation

FAILED, INTERRUPTED = 1, 130
BEGUN = "what CloudFormation has begun, it goes on with; run the command again to follow it"
NOT_DEPLOYED = "nothing was deployed"
PLAIN_WIDTH = 120
TEMPLATE = "template.yaml"
ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ROOT / ".venv" / "bin"
TROUBLE = (DeploymentError, BotoCoreError, ClientError, OSError)
"""Errors that a person's surroundings can cause; anything else is a defect of ours and keeps its traceback."""

Env = Annotated[str, typer.Option("--env", help="The environment of samconfig.toml: local, dev, staging, prod.")]
Stack = Annotated[str, typer.Option(help="Another stack name than the environment's.")]
Parameters = Annotated[str, typer.Option(help="Parameters beyond the environment's: 'Name=value Other=\"a value\"'.")]
Template = Annotated[str, typer.Option(help="A packaged template to deploy, instead of building one.")]

cli = typer.Typer(add_completion=False, no_args_is_help=True, help="Deploys the application.")
console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


@cli.command()
def validate() -> None:
    """Check templates, generated files and metric queries; needs no account."""
    with _reported(NOT_DEPLOYED):
        Validation(ROOT, PROGRAMS, os.environ).run(_say)


@cli.command()
def diff(env: Env = "", stack: Stack = "", parameters: Parameters = "", template: Template = "") -> None:
    """Show what a deployment would change, and change nothing; status 1 if something in it is refused."""
    with _reported(NOT_DEPLOYED):
        deployer = _deployer(*_reach(env, stack, parameters, template))
        deployer.diff(deployer.template(Path(template) if template else None))


@cli.command()
def deploy(
    env: Env = "",
    stack: Stack = "",
    parameters: Parameters = "",
    template: Template = "",
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, where the environment asks.")] = False,
) -> None:
    """Check, build, show what changes, refuse what would lose data, deploy, and protect what was made."""
    with _reported(BEGUN):
        target, place = _reach(env, stack, parameters, template)
        if not template:
            Validation(ROOT, PROGRAMS, os.environ).run(_say)
        deployer = _deployer(target, place)
        questions = of_the_terminal("yes" if yes else "")
        url = deployer.template(Path(template) if template else None)
        deployed = deployer.deploy(url, questions.agrees if target.asks else None)
        for name, value in sorted(deployed.outputs.items()):
            _say(f"{name} = {value}")


@cli.command()
def destroy(
    env: Env = "",
    stack: Stack = "",
    confirm: Annotated[str, typer.Option(help="The stack's name, instead of typing it.")] = "",
) -> None:
    """Remove a deployment after its name was typed; the final snapshot stays."""
    with _reported(BEGUN):
        target, place = _reach(env, stack)
        Destroyer(target, place, console).destroy(of_the_terminal(confirm).typed_name)


def _reach(env: str, stack: str, parameters: str | None = None, template: str = "") -> tuple[Target, Place]:
    target = read_target(ROOT / FILE, env)
    machine = {"Architecture": machine_architecture()} if target.is_local else {}
    merged = {**machine, **target.parameters, **parse_pairs(parameters or "")}
    if parameters is not None:
        check_parameters(Path(template) if template else ROOT / TEMPLATE, merged)
    target = replace(target, stack_name=stack or target.stack_name, parameters=merged)
    place = find_place(target, ROOT)
    account = check_account(target, place, os.environ.get("EXPECTED_ACCOUNT_ID", ""))
    _say(f"{target.stack_name} in account {account}, {target.region}")
    return target, place


def _deployer(target: Target, place: Place) -> Deployer:
    return Deployer(target, place, console, Workshop(ROOT, PROGRAMS, os.environ))


@contextmanager
def _reported(interrupted: str) -> Iterator[None]:
    """End trouble with one line and status 1, an interruption with 130 and what it leaves behind, in words."""
    try:
        yield
    except TROUBLE as error:
        words = " ".join(str(error).split()) or "it gave no reason"
        _complain(f"error: {words}")
        raise typer.Exit(FAILED) from error
    except (KeyboardInterrupt, typer.Abort) as interruption:
        _complain(f"interrupted: {interrupted}")
        raise typer.Exit(INTERRUPTED) from interruption


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)


def _complain(line: str) -> None:
    Console(stderr=True, highlight=False, emoji=False).print(line, markup=False, soft_wrap=True)


if __name__ == "__main__":
    cli()
