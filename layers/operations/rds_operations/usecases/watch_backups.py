"""Looks whether the backups can be trusted: measures, makes the snapshot that the schedule missed, tells people."""

from dataclasses import dataclass

from rds_operations.domain.backup_alerts import Notice, decide_notices, notice_alert
from rds_operations.domain.backups import BackupDecision, BackupPlan, BackupState, decide_missing, figures
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import NotFoundError, OperationsError, PartialFailureError
from rds_operations.domain.instances import DbInstance
from rds_operations.domain.results import Outcome, OutcomeStatus
from rds_operations.domain.times import utc_text
from rds_operations.ports.alerts import AlertTopic
from rds_operations.ports.clock import Clock
from rds_operations.ports.instances import InstanceDirectory
from rds_operations.ports.snapshots import SnapshotCatalog
from rds_operations.usecases.create_snapshot import create_snapshot

_CREATED, _ALERTED = "created", "alerted"


@dataclass(frozen=True, slots=True)
class BackupWatch:
    """One look.

    Args:
        plan: What there should be.
        state: What there is.
        decision: What was decided about the schedule's snapshots.
        outcomes: What became of the snapshot to be made and of the alerts.
    """

    plan: BackupPlan
    state: BackupState
    decision: BackupDecision
    outcomes: tuple[Outcome, ...]

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """What was tried and failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status is OutcomeStatus.FAILED)

    def as_response(self) -> dict[str, object]:
        """Return the function's response."""
        return {
            "db_instance_identifier": self.plan.ownership.db_instance_identifier,
            "instance_status": self.state.instance.status if self.state.instance else "gone",
            "metrics": dict(figures(self.state, self.plan)),
            "action": self.decision.action.value,
            "reason": self.decision.reason,
            "created_snapshots": self._subjects(_CREATED),
            "alerted": self._subjects(_ALERTED),
            "failed": [{"subject": failed.subject, "error": failed.reason} for failed in self.failures],
        }

    def raise_failures(self) -> None:
        """Raise what failed, so that Lambda repeats the look and then dead-letters it.

        Raises:
            PartialFailureError: at least one thing failed, after all were tried.
        """
        if self.failures:
            raise PartialFailureError(
                f"{len(self.outcomes)} actions on backups", [failed.reason for failed in self.failures]
            )

    def _subjects(self, code: str) -> list[str]:
        return [outcome.subject for outcome in self.outcomes if outcome.code == code]


def watch_backups(
    plan: BackupPlan,
    *,
    deployment: Deployment,
    directory: InstanceDirectory,
    catalog: SnapshotCatalog,
    topic: AlertTopic,
    clock: Clock,
) -> BackupWatch:
    """Look once, with one description and one listing, and do what is missing; one failure does not stop the rest.

    Raises:
        OperationsError: the instance cannot be described or the snapshots not be listed; a missing instance is told.
    """
    instance = _described(directory, plan.ownership.db_instance_identifier)
    state = BackupState.seen(catalog.list_all_manual(), instance=instance, plan=plan, now=clock.now())
    decision = decide_missing(state, plan)
    made = _make(decision, plan, directory, catalog)
    told = [outcome for notice in decide_notices(state) for outcome in _tell(notice, state, deployment, topic, catalog)]
    return BackupWatch(plan, state, decision, (*made, *told))


def _described(directory: InstanceDirectory, identifier: str) -> DbInstance | None:
    try:
        return directory.describe(identifier)
    except NotFoundError:
        return None


def _make(
    decision: BackupDecision, plan: BackupPlan, directory: InstanceDirectory, catalog: SnapshotCatalog
) -> list[Outcome]:
    if decision.request is None:
        return []
    try:
        creation = create_snapshot(
            decision.request, ownership=plan.ownership, prefix=plan.prefix, directory=directory, store=catalog
        )
    except OperationsError as error:
        return [Outcome.failed(plan.ownership.db_instance_identifier, code="creation_failed", reason=str(error))]
    return [Outcome.done(creation.snapshot_identifier, code=_CREATED, reason=decision.reason)]


def _tell(
    notice: Notice, state: BackupState, deployment: Deployment, topic: AlertTopic, catalog: SnapshotCatalog
) -> list[Outcome]:
    """Publish the notice, then note that on the snapshot: told twice is better than never."""
    alert = notice_alert(notice, state, deployment)
    try:
        topic.publish(alert)
    except OperationsError as error:
        return [Outcome.failed(alert.resource, code="alert_failed", reason=str(error))]
    told = Outcome.done(alert.resource, code=_ALERTED, reason=alert.title)
    if notice.snapshot is None:
        return [told]
    try:
        catalog.add_tags(notice.snapshot.identifier, {notice.tag: utc_text(state.now)})
    except OperationsError as error:
        return [told, Outcome.failed(notice.snapshot.identifier, code="alert_not_noted", reason=str(error))]
    return [told]
