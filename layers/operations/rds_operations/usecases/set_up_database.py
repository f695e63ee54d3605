"""Makes a database what it should be, and says what that took; a second run finds nothing to do."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rds_operations.domain.database_roles import RolePassword, RoleWish
from rds_operations.domain.errors import PartialFailureError, RefusedError
from rds_operations.domain.results import Outcome, OutcomeStatus
from rds_operations.domain.setup_plan import SetupPlan, SetupStep, plan_setup
from rds_operations.ports.administration import DatabaseAdministration

_WORDS = {OutcomeStatus.DONE: "done", OutcomeStatus.SKIPPED: "unchanged", OutcomeStatus.FAILED: "failed"}


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one step, in the response's words."""

    step: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class DatabaseSetupRun:
    """One run.

    Args:
        outcomes: What became of each step.
        waiting_for: Tables that rights will be given on once they exist and the set-up runs again.
    """

    outcomes: tuple[Outcome, ...]
    waiting_for: tuple[str, ...]

    @property
    def results(self) -> tuple[StepResult, ...]:
        """The steps in the response's words."""
        return tuple(StepResult(end.subject, _WORDS[end.status], end.reason) for end in self.outcomes)

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The steps that failed."""
        return tuple(end for end in self.outcomes if end.status is OutcomeStatus.FAILED)

    def as_response(self) -> dict[str, object]:
        """Return the function's response."""
        statuses = [end.status for end in self.outcomes]
        return {
            "steps": [asdict(result) for result in self.results],
            "changed": statuses.count(OutcomeStatus.DONE),
            "unchanged": statuses.count(OutcomeStatus.SKIPPED),
            "waiting_for": list(self.waiting_for),
        }

    def raise_failures(self) -> None:
        """Raise what failed, so that the deployment fails and names it.

        Raises:
            PartialFailureError: at least one step failed, after all were tried.
        """
        if self.failures:
            failed = [f"{end.subject}: {end.reason}" for end in self.failures]
            raise PartialFailureError(f"{len(self.outcomes)} steps of the database's set-up", failed)


def set_up_database(
    wishes: tuple[RoleWish, ...], passwords: Mapping[str, RolePassword], server: DatabaseAdministration
) -> DatabaseSetupRun:
    """Plan, run every step, and plan again to see whether all of it took effect; a failing step stops no other.

    Args:
        wishes: The roles that there should be.
        passwords: The passwords that they should have, by role.
        server: The database.

    Raises:
        RetryableError: the connection was lost; a second run finishes what this one began.
        RefusedError: the server does not say what there is.
    """
    plan = plan_setup(wishes, passwords, server.state())
    ends = tuple(_run(step, server) for step in plan.steps)
    if any(end.status is OutcomeStatus.DONE for end in ends):
        ends = _confirmed(ends, plan_setup(wishes, passwords, server.state()))
    return DatabaseSetupRun(ends, plan.waiting_for)


def _run(step: SetupStep, server: DatabaseAdministration) -> Outcome:
    left_out = f"; somebody else's, and left: {', '.join(step.left_out)}" if step.left_out else ""
    if not step.changes:
        return Outcome.skipped(step.name, code="unchanged", reason=f"as it should be{left_out}")
    try:
        server.apply(step.changes)
    except RefusedError as error:
        return Outcome.failed(step.name, code="refused", reason=str(error))
    return Outcome.done(step.name, code="changed", reason=f"{'; '.join(map(str, step.changes))}{left_out}")


def _confirmed(ends: tuple[Outcome, ...], again: SetupPlan) -> tuple[Outcome, ...]:
    """Fail the steps that the server took without effect: a grant that it only warns about raises nothing."""
    missing = {step.name: "; ".join(map(str, step.changes)) for step in again.steps if step.changes}
    return tuple(
        Outcome.failed(end.subject, code="without_effect", reason=f"taken, but without effect: {missing[end.subject]}")
        if end.status is OutcomeStatus.DONE and end.subject in missing
        else end
        for end in ends
    )
