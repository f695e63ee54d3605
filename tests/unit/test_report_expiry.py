"""What people are told about an expiry run, and that a report that fails changes nothing about the run."""

from pathlib import Path

import pytest

from rds_operations.domain.alert_texts import email_text, subject
from rds_operations.domain.alerts import Alert, AlertKind, Severity
from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from rds_operations.domain.results import Outcome
from rds_operations.domain.snapshots import Snapshot
from rds_operations.runtime.expiry_records import record_expiry_alert
from rds_operations.usecases.expire_snapshots import ExpiryReport, expire_snapshots
from rds_operations.usecases.report_expiry import report_expiry
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.clock import FakeClock
from tests.fakes.metric_sink import FakeMetricSink
from tests.fakes.snapshot_store import FakeSnapshotStore
from tests.snapshots import INSTANCE, NOW, OWNERSHIP, PREFIX, owned, policy

GOLDEN = Path(__file__).parents[1] / "golden"
DEPLOYMENT = Deployment("langpont", "dev", INSTANCE, "https://docs.example.com/runbooks")
PLACE = Place("aws", "ap-northeast-1")
OLD = tuple(owned(f"old{age}", age_days=age) for age in (40, 50, 60))
NEW = owned("new", age_days=1)
THROTTLED = {
    f"{PREFIX}-old60": RetryableError("deleting snapshot langpont-manual-old60 failed: AWS throttled the call")
}


def run(
    *snapshots: Snapshot, failing: dict[str, RetryableError] | None = None, maximum: int = 20, dry_run: bool = False
) -> ExpiryReport:
    return expire_snapshots(
        store=FakeSnapshotStore(*snapshots, failing=failing),
        clock=FakeClock(NOW),
        ownership=OWNERSHIP,
        prefix=PREFIX,
        policy=policy(maximum=maximum),
        dry_run=dry_run,
    )


def told(report: ExpiryReport) -> Alert:
    topic = FakeAlertTopic()
    report_expiry(report, deployment=DEPLOYMENT, topic=topic, place=PLACE)
    (alert,) = topic.published
    return alert


def test_deletions_are_reported_as_information() -> None:
    alert = told(run(NEW, *OLD))

    assert (alert.kind, alert.severity, alert.resource) == (AlertKind.REPORT, Severity.INFO, INSTANCE)
    assert alert.title == "Snapshots past their retention: 3 deleted"
    assert alert.facts["deleted"] == {
        f"{PREFIX}-old{age}": f"it was made at {made}, more than 30 days ago, and the newest 1 good snapshots stay"
        for age, made in ((60, "2026-09-24T18:00:00Z"), (50, "2026-10-04T18:00:00Z"), (40, "2026-10-14T18:00:00Z"))
    }
    assert alert.facts["newest_good_snapshot"] == f"{PREFIX}-new"
    assert alert.actions == ()


def test_deferred_ones_are_reported() -> None:
    alert = told(run(NEW, *OLD, maximum=1))

    assert alert.title == "Snapshots past their retention: 1 deleted, 2 deferred"
    assert alert.facts["deferred"] == [f"{PREFIX}-old50", f"{PREFIX}-old40"]


def test_many_deferred_ones_are_counted_and_the_oldest_named() -> None:
    many = [owned(f"old{age:03}", age_days=age) for age in range(40, 140)]

    alert = told(run(NEW, *many, maximum=10))

    assert alert.facts["deferred"] == [f"{PREFIX}-old{age:03}" for age in range(129, 109, -1)]
    assert alert.facts["deferred_note"] == "the oldest 20 of 90"


def test_failed_deletions_are_reported_as_a_warning_that_a_person_understands() -> None:
    alert = told(run(NEW, *OLD, failing=THROTTLED, maximum=2))

    assert alert.severity is Severity.WARNING
    assert subject(alert) == (
        "WARNING langpont-dev-db: Snapshots past their retention: 1 deleted, 1 deferred, 1 not deleted"
    )
    assert email_text(alert) == (GOLDEN / "expiry_failed.txt").read_text(encoding="utf-8")


def test_refused_run_is_reported_as_a_warning_with_its_reason() -> None:
    report = run(owned("failed", status="failed", age_days=9), owned("creating", status="creating", age_days=None))

    alert = told(report)

    assert (alert.severity, alert.title) == (Severity.WARNING, "The expiry of snapshots refused to run")
    assert report.plan.refusal in alert.summary
    assert alert.facts["newest_good_snapshot"] == "none"
    assert alert.links["runbook"] == "https://docs.example.com/runbooks/snapshot-expiry-refused.md"


@pytest.mark.parametrize("snapshots", [(NEW, *OLD), (owned("failed", status="failed"),)])
def test_runbook_of_a_warning_exists(snapshots: tuple[Snapshot, ...]) -> None:
    runbook = told(run(*snapshots, failing=THROTTLED)).links["runbook"].rsplit("/", 1)[1]

    assert (Path(__file__).parents[2] / "docs/runbooks" / runbook).exists()


def test_same_outcome_on_the_same_day_is_the_same_alert() -> None:
    same, again, other = (run(NEW, *OLD, maximum=maximum) for maximum in (1, 1, 2))

    assert told(same).id == told(again).id != told(other).id


@pytest.mark.parametrize(
    ("report", "code"),
    [(run(NEW), "nothing_to_report"), (run(), "nothing_to_report"), (run(NEW, *OLD, dry_run=True), "dry_run")],
)
def test_run_that_changed_nothing_is_not_reported(report: ExpiryReport, code: str) -> None:
    topic = FakeAlertTopic()

    outcome = report_expiry(report, deployment=DEPLOYMENT, topic=topic)

    assert (outcome.status, outcome.code, topic.published) == ("skipped", code, [])


def test_without_a_topic_nothing_is_reported() -> None:
    assert report_expiry(run(NEW, *OLD), deployment=DEPLOYMENT, topic=None).code == "switched_off"


@pytest.mark.parametrize("error", [RetryableError("SNS throttled"), RefusedError("publishing was denied")])
def test_report_that_fails_is_an_outcome_and_no_error(error: OperationsError) -> None:
    topic = FakeAlertTopic(failing={INSTANCE: error})

    outcome = report_expiry(run(NEW, *OLD), deployment=DEPLOYMENT, topic=topic)

    assert outcome == Outcome.failed(INSTANCE, code="alert_failed", reason=str(error))


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [
        (Outcome.done(INSTANCE, code="alerted", reason="x"), 0),
        (Outcome.skipped(INSTANCE, code="dry_run", reason="x"), 0),
        (Outcome.failed(INSTANCE, code="alert_failed", reason="x"), 1),
    ],
)
def test_report_that_fails_is_counted(outcome: Outcome, failed: int) -> None:
    sink = FakeMetricSink()

    record_expiry_alert(outcome, sink)

    assert sink.values == {"snapshot_expiry_reports_failed": failed}
