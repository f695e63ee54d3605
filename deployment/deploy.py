"""`make diff` and `make deploy`: the same plan, shown, and carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deployment.change_sets import ChangeSets
from deployment.errors import DeploymentError, RefusedError
from deployment.packaging import Workshop, build, package, upload_root
from deployment.place import Place
from deployment.plans import Plan, make_plan
from deployment.progress import Progress, check
from deployment.protection import protect
from deployment.samconfig import Target
from deployment.stacks import Stack, find_stack
from deployment.tables import count, tables

REPLACING = "docs/replacing-the-database.md"

type Confirm = Callable[[str], bool]
"""Asks a person; raises where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Deployer:
    """Deploys one environment.

    Args:
        target: Which.
        place: Where it is.
        console: Where people read what happens.
        workshop: What builds and packages; None where the caller has a packaged template.
    """

    target: Target
    place: Place
    console: Console
    workshop: Workshop | None = None

    def template(self, packaged: Path | None = None) -> str:
        """Return the address of the template to deploy: the one that is given, else one that is built and packaged.

        Raises:
            DeploymentError: it cannot be built, packaged or uploaded.
        """
        if packaged is None:
            if self.workshop is None:
                raise DeploymentError("there is nothing to build with, and no packaged template was given")
            self.say("Building the functions and layers")
            build(self.workshop, self.target)
            self.say(f"Uploading them for {self.target.region}")
            packaged = package(self.workshop, self.target, self.place)
        if not packaged.is_file():
            raise DeploymentError(f"there is no packaged template {packaged}")
        return upload_root(packaged, self.target, self.place)

    def diff(self, template_url: str) -> None:
        """Show what a deployment would do, and leave everything as it is.

        Raises:
            RefusedError: something in it would be refused; each is named.
            DeploymentError: CloudFormation could not say what it would do.
        """
        self.say(f"Asking CloudFormation what would change in {self.target.stack_name}")
        plan = make_plan(self.target, self.place, template_url)
        try:
            self._show(plan)
        finally:
            self._discard(plan)
        _check(plan)

    def deploy(self, template_url: str, confirm: Confirm | None = None) -> Stack:
        """Deploy, protect what holds data, and return the stack.

        Args:
            template_url: The packaged template.
            confirm: Asks whether to go on; None for not asking.

        Raises:
            RefusedError: something in it is refused, or the person said no; nothing was changed.
            DeploymentError: it failed; CloudFormation has rolled it back.
        """
        self.say(f"Asking CloudFormation what changes in {self.target.stack_name}")
        plan = make_plan(self.target, self.place, template_url)
        try:
            self._show(plan)
            _check(plan)
            self._confirm(plan, confirm)
        except BaseException:
            self._discard(plan)
            raise
        if plan.change_set is not None:
            self._execute(plan)
        stack = find_stack(self.place.cloudformation, self.target.stack_name)
        if stack is None:
            raise DeploymentError(f"{self.target.stack_name} is gone: somebody deleted it meanwhile")
        protect(self.place, stack, self.say)
        return stack

    def say(self, line: str) -> None:
        """Tell a line."""
        self.console.print(line, markup=False, soft_wrap=True)

    def _show(self, plan: Plan) -> None:
        for table in tables(self.target.stack_name, plan.changes, plan.refusals):
            self.console.print(table)
        self.say(f"{self.target.stack_name}: {count(plan.changes)}")

    def _confirm(self, plan: Plan, confirm: Confirm | None) -> None:
        question = f"Deploy this to {self.target.stack_name}?"
        if plan.change_set is not None and confirm is not None and not confirm(question):
            raise RefusedError(f"{self.target.stack_name} was left as it is, as you said")

    def _execute(self, plan: Plan) -> None:
        if plan.change_set is None:
            return
        progress = Progress(self.place, plan.change_set.stack_id, self.say)
        change_sets = ChangeSets(self.place.cloudformation, self.place.poll_seconds)
        change_sets.execute(plan.change_set, keeps_failures=self.target.keeps_failures)
        check(progress, self.target.stack_name, "deploying")

    def _discard(self, plan: Plan) -> None:
        if plan.change_set is not None:
            change_sets = ChangeSets(self.place.cloudformation, self.place.poll_seconds)
            change_sets.delete(plan.change_set.identifier, plan.change_set.stack_id)


def _check(plan: Plan) -> None:
    if plan.refusals:
        named = "; ".join(str(refusal) for refusal in plan.refusals)
        raise RefusedError(f"{named}. How it is done deliberately: {REPLACING}")
