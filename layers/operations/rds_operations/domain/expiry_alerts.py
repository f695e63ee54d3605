"""What people are told about a run of expire_snapshots that changed something, or should have."""

import shlex
from collections.abc import Iterator, Sequence

from rds_operations.domain.alerts import Alert, AlertKind, Fact, Severity, alert_id
from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.results import Outcome, OutcomeStatus
from rds_operations.domain.snapshot_expiry import ExpiryAction, ExpiryPlan
from rds_operations.domain.snapshots import Snapshot
from rds_operations.domain.times import utc_text

REFUSED_RUNBOOK = "snapshot-expiry-refused"
FAILED_RUNBOOK = "snapshot-deletions-failed"

_MOST_NAMES = 20
_UNDELETED = (OutcomeStatus.REFUSED, OutcomeStatus.FAILED)


def expiry_alert(
    plan: ExpiryPlan, outcomes: Sequence[Outcome], deployment: Deployment, place: Place | None = None
) -> Alert | None:
    """Return the report of a run, or None of one that had nothing to delete.

    The same outcome on the same day in UTC has the same identifier, so that a duplicate invocation tells nothing new.

    Args:
        plan: What was decided.
        outcomes: What became of each deletion that was tried.
        deployment: Whose report it is.
        place: Where the instance lives, for links and commands.
    """
    deleted = {outcome.subject: outcome.reason for outcome in outcomes if outcome.status is OutcomeStatus.DONE}
    failed = {outcome.subject: outcome.reason for outcome in outcomes if outcome.status in _UNDELETED}
    deferred = [decision.snapshot.identifier for decision in plan.to(ExpiryAction.DEFER)]
    if not (deleted or failed or deferred or plan.refusal):
        return None
    instance, now = deployment.db_instance_identifier, plan.reasons.now
    runbook = REFUSED_RUNBOOK if plan.refusal else FAILED_RUNBOOK if failed else ""
    return Alert(
        id=alert_id(instance, "expiry", utc_text(now)[:10], plan.refusal, *deleted, "/", *failed, "/", *deferred),
        kind=AlertKind.REPORT,
        severity=Severity.WARNING if runbook else Severity.INFO,
        title=_title(plan, deleted, deferred, failed),
        resource=instance,
        environment=deployment.environment,
        occurred_at=now,
        summary=_summary(plan, deferred, failed),
        facts=dict(_facts(plan, deleted, deferred, failed)),
        actions=_actions(instance, runbook, place),
        links=deployment.runbook_link(runbook) | (place.instance_link(instance) if place else {}),
        source={"type": "langpont.expire_snapshots", "id": instance},
    )


type _Told = dict[str, str]


def _title(plan: ExpiryPlan, deleted: _Told, deferred: list[str], failed: _Told) -> str:
    if plan.refusal:
        return "The expiry of snapshots refused to run"
    counts = {"deleted": len(deleted), "deferred": len(deferred), "not deleted": len(failed)}
    return "Snapshots past their retention: " + ", ".join(f"{count} {end}" for end, count in counts.items() if count)


def _summary(plan: ExpiryPlan, deferred: list[str], failed: _Told) -> str:
    if plan.refusal:
        return f"Users notice nothing. Nothing was deleted, because {plan.refusal}. Check that there is a good backup."
    newest = _newest_good(plan)
    made = f"; the newest good one was made at {utc_text(newest.created_at)}" if newest and newest.created_at else ""
    kept = f"{len(plan.to(ExpiryAction.KEEP))} of {len(plan.snapshots)} snapshots are kept"
    sentences = [f"Users notice nothing. {kept}{made}."]
    if failed:
        sentences.append(
            "What could not be deleted costs money and counts against the quota; the next run tries again."
        )
    if deferred:
        sentences.append("What was deferred goes in the next runs.")
    return " ".join(sentences)


def _facts(plan: ExpiryPlan, deleted: _Told, deferred: list[str], failed: _Told) -> Iterator[tuple[str, Fact]]:
    if plan.refusal:
        yield "refused", plan.refusal
    yield "examined", len(plan.snapshots)
    yield "kept", len(plan.to(ExpiryAction.KEEP))
    if failed:
        yield "failed", failed
    if deleted:
        yield "deleted", deleted
    if deferred:
        yield "deferred", deferred[:_MOST_NAMES]
    if len(deferred) > _MOST_NAMES:
        yield "deferred_note", f"the oldest {_MOST_NAMES} of {len(deferred)}"
    newest = _newest_good(plan)
    yield "newest_good_snapshot", newest.identifier if newest else "none"


def _newest_good(plan: ExpiryPlan) -> Snapshot | None:
    owner, beginning = plan.reasons.ownership, f"{plan.reasons.prefix}-"
    newest_first = (snapshot for snapshot in reversed(plan.snapshots) if snapshot.is_good)
    ours = (s for s in newest_first if s.is_owned_by(owner) and s.identifier.startswith(beginning))
    return next(ours, None)


def _actions(instance: str, runbook: str, place: Place | None) -> tuple[str, ...]:
    if not runbook:
        return ()
    region = f" --region {shlex.quote(place.region)}" if place else ""
    command = (
        f"aws rds describe-db-snapshots{region} --snapshot-type manual"
        f" --db-instance-identifier {shlex.quote(instance)}"
        " --query 'DBSnapshots[].[SnapshotCreateTime,Status,DBSnapshotIdentifier]' --output text"
    )
    return f"See which snapshots there are, and in what state:\n{command}", f"Follow the runbook {runbook}."
