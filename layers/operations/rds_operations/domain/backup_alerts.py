"""What people have to be told about backups, once each, and how it reads."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from rds_operations.domain.alerts import Alert, AlertKind, Fact, Severity, alert_id
from rds_operations.domain.backups import STUCK_AFTER, BackupState
from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.snapshots import Snapshot
from rds_operations.domain.times import utc_text

RUNBOOK = "backup-too-old"
_STUCK_HOURS = f"{STUCK_AFTER / timedelta(hours=1):g}"


class Trouble(StrEnum):
    """What is wrong; the value is a part of a tag's key, which the template allows to be added."""

    FAILED = "failed"
    STUCK = "stuck"
    INSTANCE_GONE = "instance-gone"


_SEVERITIES = {
    Trouble.FAILED: Severity.WARNING,
    Trouble.STUCK: Severity.WARNING,
    Trouble.INSTANCE_GONE: Severity.CRITICAL,
}
_TITLES = {
    Trouble.FAILED: "A snapshot has failed",
    Trouble.STUCK: f"A snapshot is not finished after {_STUCK_HOURS} hours",
    Trouble.INSTANCE_GONE: "The database instance does not exist any more",
}
_SUMMARIES = {
    Trouble.FAILED: "RDS could not make this snapshot. It is no backup, and RDS sends no event for it. Users notice "
    "nothing. The next scheduled snapshot, or the hourly look, makes another one.",
    Trouble.STUCK: f"A snapshot is usually finished within minutes. One that takes more than {_STUCK_HOURS} hours is "
    "no backup, and as long as it goes on, RDS makes no other. Users notice nothing.",
    Trouble.INSTANCE_GONE: "RDS knows no instance of this name: it was deleted or renamed. Deleted, the application is "
    "down, and its automated backups may be gone, too. The newest manual snapshots stay.",
}
_ADVICE = {
    Trouble.FAILED: "Check that there is a newer good snapshot (facts above). If not, make one and watch it:",
    Trouble.STUCK: "Look whether it advances. If not, open a case with AWS Support:",
    Trouble.INSTANCE_GONE: "Find out who deleted or renamed it, and stop whatever else is being deleted:",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that people have to be told.

    Args:
        trouble: What is wrong.
        snapshot: The snapshot concerned; of an instance that is gone the newest good one, None without any.
    """

    trouble: Trouble
    snapshot: Snapshot | None

    @property
    def tag(self) -> str:
        """The key of the tag which says on the snapshot that people were told."""
        return f"alerted-{self.trouble}"

    @property
    def is_told(self) -> bool:
        """Whether an earlier look has told people."""
        return self.snapshot is not None and self.tag in self.snapshot.tags


def decide_notices(state: BackupState) -> tuple[Notice, ...]:
    """Return what people have to be told and were not told yet; an instance that is gone comes first."""
    gone = [Notice(Trouble.INSTANCE_GONE, state.newest_good)] if state.instance is None else []
    failed = (Notice(Trouble.FAILED, snapshot) for snapshot in state.failed)
    stuck = (Notice(Trouble.STUCK, snapshot) for snapshot in state.stuck)
    return tuple(notice for notice in chain(gone, failed, stuck) if not notice.is_told)


def notice_alert(notice: Notice, state: BackupState, deployment: Deployment) -> Alert:
    """Return the alert of a notice; it has the same identifier at every look."""
    identifier = notice.snapshot.identifier if notice.snapshot else ""
    instance = deployment.db_instance_identifier
    is_gone = notice.trouble is Trouble.INSTANCE_GONE
    place = Place.of_arn(state.instance.arn) if state.instance else None
    return Alert(
        id=alert_id(instance, notice.trouble, identifier),
        kind=AlertKind.EVENT,
        severity=_SEVERITIES[notice.trouble],
        title=_TITLES[notice.trouble],
        resource=instance if is_gone else identifier,
        environment=deployment.environment,
        occurred_at=_occurred_at(notice, state.now),
        summary=_SUMMARIES[notice.trouble],
        facts=dict(_facts(notice, state, instance)),
        actions=_actions(notice.trouble, instance, identifier),
        links=deployment.runbook_link(RUNBOOK) | (place.instance_link(instance) if place else {}),
        source={"type": "langpont.backups", "id": identifier or instance},
    )


def _occurred_at(notice: Notice, now: datetime) -> datetime:
    """Return since when: of an instance that is gone nobody knows more than that it is gone now."""
    if notice.snapshot is None or notice.trouble is Trouble.INSTANCE_GONE:
        return now
    return notice.snapshot.begun_at or now


def _facts(notice: Notice, state: BackupState, instance: str) -> Iterator[tuple[str, Fact]]:
    yield "db_instance", instance
    yield "instance_status", state.instance.status if state.instance else "gone"
    if notice.snapshot and notice.trouble is not Trouble.INSTANCE_GONE:
        yield "snapshot_status", notice.snapshot.status
        begun = notice.snapshot.begun_at
        yield "snapshot_begun_at", utc_text(begun) if begun else None
    newest = state.newest_good
    yield "newest_good_snapshot", newest.identifier if newest else "none"
    if newest and newest.created_at:
        yield "newest_good_snapshot_made_at", utc_text(newest.created_at)
    yield "good_snapshots", len(state.good)
    if state.instance:
        restorable = state.instance.latest_restorable_time
        yield "latest_restorable_time", utc_text(restorable) if restorable else None


def _actions(trouble: Trouble, instance: str, identifier: str) -> tuple[str, ...]:
    named, snapshot = shlex.quote(instance), shlex.quote(identifier)
    looking = {
        Trouble.FAILED: f"aws rds describe-db-snapshots --snapshot-type manual --db-instance-identifier {named}"
        " --query 'DBSnapshots[].[SnapshotCreateTime,Status,DBSnapshotIdentifier]' --output text",
        Trouble.STUCK: f"aws rds describe-db-snapshots --db-snapshot-identifier {snapshot}"
        " --query 'DBSnapshots[].[Status,PercentProgress]' --output text",
        Trouble.INSTANCE_GONE: "aws cloudtrail lookup-events --max-results 20"
        f" --lookup-attributes AttributeKey=ResourceName,AttributeValue={named}",
    }[trouble]
    return f"{_ADVICE[trouble]}\n{looking}", "Follow the runbook backup-too-old."
