"""Deletes this deployment's snapshots past their retention; every snapshot examined is answered for."""

from dataclasses import dataclass

from rds_operations.domain.errors import OperationsError, RefusedError
from rds_operations.domain.results import Outcome, OutcomeStatus
from rds_operations.domain.snapshot_expiry import ExpiryAction, ExpiryDecision, ExpiryPlan, ExpiryPolicy, decide_expiry
from rds_operations.domain.snapshots import Ownership
from rds_operations.ports.clock import Clock
from rds_operations.ports.snapshots import SnapshotStore

_UNDELETED = (OutcomeStatus.REFUSED, OutcomeStatus.FAILED)


@dataclass(frozen=True, slots=True)
class ExpiryReport:
    """One run.

    Args:
        plan: What was decided about every snapshot examined.
        outcomes: What became of each deletion decided; skipped in a dry run.
        dry_run: Whether nothing was to be deleted.
    """

    plan: ExpiryPlan
    outcomes: tuple[Outcome, ...]
    dry_run: bool

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The deletions that were tried and failed or were refused."""
        return tuple(outcome for outcome in self.outcomes if outcome.status in _UNDELETED)

    @property
    def deletions(self) -> tuple[Outcome, ...]:
        """The deletions that were done, not those that a dry run would do."""
        return tuple(outcome for outcome in self.outcomes if outcome.status is OutcomeStatus.DONE)

    def as_response(self) -> dict[str, object]:
        """Return the function's response (contracts, expire_snapshots)."""
        kept, deferred = self.plan.to(ExpiryAction.KEEP), self.plan.to(ExpiryAction.DEFER)
        return {
            "examined": len(self.plan.snapshots),
            "deleted": [outcome.subject for outcome in self.outcomes if outcome.status not in _UNDELETED],
            "deferred": [decision.snapshot.identifier for decision in deferred],
            "failed": [{"snapshot_identifier": failed.subject, "error": failed.reason} for failed in self.failures],
            "kept": _reasons(kept),
            "reasons": _reasons(self.plan.decisions),
            "dry_run": self.dry_run,
            "refused": self.plan.refusal,
        }


def expire_snapshots(
    *, store: SnapshotStore, clock: Clock, ownership: Ownership, prefix: str, policy: ExpiryPolicy, dry_run: bool
) -> ExpiryReport:
    """Delete what may go by `decide_expiry`; one failed deletion does not stop the others.

    A deletion is tried once: what fails is answered for, and left to the next run.

    Args:
        store: Where the snapshots are.
        clock: Tells their age.
        ownership: Whose snapshots may go.
        prefix: What their identifiers begin with.
        policy: How long and how many stay.
        dry_run: Decide only.

    Raises:
        OperationsError: the snapshots cannot be listed.
    """
    snapshots = store.list_manual(ownership.db_instance_identifier)
    plan = decide_expiry(snapshots, ownership=ownership, prefix=prefix, policy=policy, now=clock.now())
    act = _left_alone if dry_run else _delete
    outcomes = tuple(act(store, decision) for decision in plan.to(ExpiryAction.DELETE))
    return ExpiryReport(plan, outcomes, dry_run)


def _left_alone(_: SnapshotStore, decision: ExpiryDecision) -> Outcome:
    return Outcome.skipped(decision.snapshot.identifier, code="dry_run", reason=decision.reason)


def _delete(store: SnapshotStore, decision: ExpiryDecision) -> Outcome:
    identifier = decision.snapshot.identifier
    try:
        store.delete(identifier)
    except RefusedError as error:
        return Outcome.refused(identifier, code="deletion_refused", reason=str(error))
    except OperationsError as error:
        return Outcome.failed(identifier, code="deletion_failed", reason=str(error))
    return Outcome.done(identifier, code="deleted", reason=decision.reason)


def _reasons(decisions: tuple[ExpiryDecision, ...]) -> dict[str, str]:
    return {decision.snapshot.identifier: decision.reason for decision in decisions}
