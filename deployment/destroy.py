"""`make destroy`: removes a deployment, and says what stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console

from deployment.errors import RefusedError
from deployment.instances import Instance, final_snapshots, find_instances, manual_snapshots
from deployment.leavings import Fate, Leaving, decide_leavings, in_words
from deployment.place import Place
from deployment.progress import Progress, check
from deployment.protection import set_termination_protection
from deployment.refusals import INSTANCE
from deployment.samconfig import Target
from deployment.stacks import Stack, can_be_updated, find_stack, list_resources, nested_stack_ids, read_template

PROTECTION = "DeletionProtection"

_ANNOUNCED = "REVIEW_IN_PROGRESS"

type Confirm = Callable[[str], str]
"""Asks a person to type the stack's name and returns what was typed; raises where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Destroyer:
    """Removes one environment.

    Args:
        target: Which.
        place: Where it is.
        console: Where people read what happens.
    """

    target: Target
    place: Place
    console: Console

    def destroy(self, confirm: Confirm) -> None:
        """Remove the stack after a person typed its name; harmless where there is none.

        Args:
            confirm: Asks the person.

        Raises:
            RefusedError: an instance is protected, another operation is under way, or another name was typed; nothing
                was changed.
            DeploymentError: it could not be deleted, or an instance left no final snapshot.
        """
        stack = find_stack(self.place.cloudformation, self.target.stack_name)
        if stack is None:
            self._say(f"There is no stack {self.target.stack_name} in {self.target.region}: nothing to destroy")
            return
        _check_status(stack)
        leavings = self._leavings(stack)
        instances = find_instances(self.place, _instance_names(leavings))
        for line in in_words(leavings):
            self._say(line)
        self._check_protection(stack, instances)
        if confirm(stack.name) != stack.name:
            raise RefusedError(f"{stack.name} was left as it is: another name was given")
        self._delete(stack, instances, leavings)

    def _leavings(self, stack: Stack) -> tuple[Leaving, ...]:
        if stack.status == _ANNOUNCED:
            return ()
        cloudformation = self.place.cloudformation
        resources = list(list_resources(cloudformation, stack.identifier))
        identifiers = nested_stack_ids(resources, stack.identifier)
        templates = {path: read_template(cloudformation, identifier) for path, identifier in identifiers.items()}
        return decide_leavings(resources, templates)

    def _check_protection(self, stack: Stack, instances: Sequence[Instance]) -> None:
        protected = [instance.identifier for instance in instances if instance.protected]
        if not protected:
            return
        if can_be_updated(stack.status):
            way = f"make deploy ENV={self.target.environment} PARAMETERS={PROTECTION}=false"
        else:
            way = f"aws rds modify-db-instance --db-instance-identifier {protected[0]} --no-deletion-protection"
        raise RefusedError(
            f"{', '.join(protected)} is protected against deletion: switch it off deliberately with `{way}`, "
            "then destroy again"
        )

    def _delete(self, stack: Stack, instances: Sequence[Instance], leavings: Sequence[Leaving]) -> None:
        present = {instance.identifier for instance in instances}
        snapshots = [name for name in _instance_names(leavings, Fate.SNAPSHOT) if name in present]
        before = manual_snapshots(self.place, snapshots)
        progress = Progress(self.place, stack.identifier, self._say)
        set_termination_protection(self.place, stack, enabled=False)
        try:
            self.place.cloudformation.delete_stack(StackName=stack.identifier)
        except BaseException:
            set_termination_protection(self.place, stack, enabled=stack.protected)
            raise
        check(progress, stack.name, "deleting")
        for instance, snapshot in final_snapshots(self.place, snapshots, before).items():
            self._say(f"Final snapshot of {instance}: {snapshot}, available")
        self._say(f"{stack.name} is gone")

    def _say(self, line: str) -> None:
        self.console.print(line, markup=False, soft_wrap=True)


def _instance_names(leavings: Sequence[Leaving], fate: Fate | None = None) -> list[str]:
    return [
        leaving.resource.physical_id
        for leaving in leavings
        if leaving.resource.resource_type == INSTANCE and leaving.resource.physical_id
        if fate is None or leaving.fate is fate
    ]


def _check_status(stack: Stack) -> None:
    if stack.status.endswith("_IN_PROGRESS") and stack.status not in {_ANNOUNCED, "DELETE_IN_PROGRESS"}:
        raise RefusedError(f"{stack.name} is {stack.status}: another operation is under way; wait for it")
