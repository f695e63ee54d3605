"""What people are told about backups."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rds_operations.domain.alert_texts import email_text, subject
from rds_operations.domain.alerts import Alert, AlertKind, Severity
from rds_operations.domain.backup_alerts import RUNBOOK, Trouble, decide_notices, notice_alert
from rds_operations.domain.backups import BackupState
from rds_operations.domain.deployment import Deployment
from tests.backups import WELL, hours_old, seen
from tests.snapshots import INSTANCE, NOW
from tests.templates import statements

DEPLOYMENT = Deployment("langpont", "dev", INSTANCE, "https://runbooks.example.com")
NEW = hours_old("new", 3)
FAILED, STUCK = hours_old("failed", 2, "failed"), hours_old("stuck", 7, "creating")
RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"


def only_alert(state: BackupState) -> Alert:
    [notice] = decide_notices(state)
    return notice_alert(notice, state, DEPLOYMENT)


@pytest.mark.parametrize(
    ("state", "severity", "line"),
    [
        (seen(NEW, FAILED), Severity.WARNING, "WARNING langpont-manual-failed: A snapshot has failed"),
        (
            seen(NEW, STUCK),
            Severity.WARNING,
            "WARNING langpont-manual-stuck: A snapshot is not finished after 6 hours",
        ),
        (
            seen(NEW, of=None),
            Severity.CRITICAL,
            "CRITICAL langpont-dev-db: The database instance does not exist any more",
        ),
    ],
    ids=["failed", "stuck", "gone"],
)
def test_subject_says_how_bad_what_and_where(state: BackupState, severity: Severity, line: str) -> None:
    alert = only_alert(state)

    assert (alert.kind, alert.severity) == (AlertKind.EVENT, severity)
    assert subject(alert) == line


def test_failed_snapshot_is_told_with_the_newest_good_one() -> None:
    alert = only_alert(seen(NEW, FAILED))

    assert alert.occurred_at == NOW - timedelta(hours=2)
    assert alert.facts == {
        "db_instance": INSTANCE,
        "instance_status": "available",
        "snapshot_status": "failed",
        "snapshot_begun_at": "2026-11-23T16:00:00Z",
        "newest_good_snapshot": "langpont-manual-new",
        "newest_good_snapshot_made_at": "2026-11-23T15:00:00Z",
        "good_snapshots": 1,
        "latest_restorable_time": "2026-11-23T17:54:30Z",
    }
    assert alert.links["runbook"] == "https://runbooks.example.com/backup-too-old.md"
    assert "region=ap-northeast-1" in alert.links["instance"]


def test_missing_backups_are_said_plainly() -> None:
    text = email_text(only_alert(seen(of=None)))

    assert "newest good snapshot: none" in text
    assert "instance status: gone" in text
    assert "aws cloudtrail lookup-events" in text


def test_snapshot_of_unknown_begin_is_stuck_since_now() -> None:
    unnoted = replace(STUCK, tags={key: value for key, value in STUCK.tags.items() if key != "created-at"})

    alert = only_alert(seen(NEW, unnoted))

    assert (alert.occurred_at, alert.facts["snapshot_begun_at"]) == (NOW, None)


def test_alert_has_the_same_identifier_at_every_look() -> None:
    later = seen(NEW, FAILED, now=NOW + timedelta(hours=5))

    assert only_alert(later).id == only_alert(seen(NEW, FAILED)).id


def test_alerts_of_different_troubles_differ() -> None:
    states = (seen(NEW, FAILED), seen(NEW, hours_old("failed", 7, "creating")), seen(NEW, of=None), seen(of=None))

    assert len({only_alert(state).id for state in states}) == 4


def test_snapshot_that_was_told_is_not_told_again() -> None:
    told = replace(FAILED, tags={**FAILED.tags, "alerted-failed": "2026-11-23T17:00:00Z"})

    assert decide_notices(seen(NEW, told)) == ()


def test_other_word_on_a_snapshot_hides_nothing() -> None:
    told_stuck = replace(FAILED, tags={**FAILED.tags, "alerted-stuck": "2026-11-23T17:00:00Z"})

    assert only_alert(seen(NEW, told_stuck)).resource == FAILED.identifier


def test_instance_that_is_gone_comes_first() -> None:
    notices = decide_notices(seen(NEW, FAILED, STUCK, of=None))

    assert [notice.trouble for notice in notices] == [Trouble.INSTANCE_GONE, Trouble.FAILED, Trouble.STUCK]


def test_healthy_deployment_is_nothing_to_tell() -> None:
    assert decide_notices(seen(NEW, of=WELL)) == ()


def test_runbook_of_the_alerts_exists() -> None:
    assert (RUNBOOKS / f"{RUNBOOK}.md").exists()


def test_template_allows_exactly_the_tags_that_note_what_was_told() -> None:
    allowed = [
        statement["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]
        for _, statement in statements()
        if statement.get("Sid") == "NoteOnItWhatPeopleWereTold"
    ]

    assert allowed == [[f"alerted-{trouble}" for trouble in Trouble]]
