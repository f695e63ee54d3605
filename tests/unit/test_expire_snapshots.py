"""What one run of expire_snapshots does and reports."""

from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.domain.snapshot_expiry import ExpiryPolicy
from rds_operations.runtime.expiry_records import record_expiry
from rds_operations.usecases.expire_snapshots import ExpiryReport, expire_snapshots
from tests.fakes.clock import FakeClock
from tests.fakes.metric_sink import FakeMetricSink
from tests.fakes.snapshot_store import FakeSnapshotStore
from tests.snapshots import NOW, OWNERSHIP, PREFIX, owned, policy

OLD = tuple(owned(f"old{age}", age_days=age) for age in (40, 50, 60))
NEW = owned("new", age_days=1)


def expire(store: FakeSnapshotStore, by: ExpiryPolicy | None = None, *, dry_run: bool = False) -> ExpiryReport:
    return expire_snapshots(
        store=store,
        clock=FakeClock(NOW),
        ownership=OWNERSHIP,
        prefix=PREFIX,
        policy=by or policy(),
        dry_run=dry_run,
    )


def named(*names: str) -> list[str]:
    return [f"{PREFIX}-{name}" for name in names]


def test_expired_snapshots_are_deleted_oldest_first() -> None:
    store = FakeSnapshotStore(NEW, *OLD)

    report = expire(store)

    assert store.deletions_tried == named("old60", "old50", "old40")
    assert store.identifiers == named("new")
    assert report.as_response()["deleted"] == named("old60", "old50", "old40")


def test_response_answers_for_every_snapshot() -> None:
    failing = {named("old60")[0]: RetryableError("throttled")}
    store = FakeSnapshotStore(NEW, *OLD, failing=failing)

    response = expire(store, policy(maximum=2)).as_response()

    reasons = response["reasons"]
    assert isinstance(reasons, dict)
    assert response == {
        "examined": 4,
        "deleted": named("old50"),
        "deferred": named("old40"),
        "failed": [{"snapshot_identifier": named("old60")[0], "error": "throttled"}],
        "kept": {named("new")[0]: reasons[named("new")[0]]},
        "reasons": reasons,
        "dry_run": False,
    }
    assert sorted(reasons) == named("new", "old40", "old50", "old60")


def test_failed_deletion_does_not_stop_the_others() -> None:
    errors = (RetryableError("throttled"), RefusedError("deleting was denied"))
    failing = dict(zip(named("old60", "old50"), errors, strict=True))
    store = FakeSnapshotStore(NEW, *OLD, failing=failing)

    report = expire(store)

    assert [(end.code, end.reason) for end in report.failures] == [
        ("deletion_failed", "throttled"),
        ("deletion_refused", "deleting was denied"),
    ]
    assert store.identifiers == named("new", "old50", "old60")


def test_dry_run_names_what_would_go_and_deletes_nothing() -> None:
    store = FakeSnapshotStore(NEW, *OLD)

    response = expire(store, dry_run=True).as_response()

    assert response["deleted"] == named("old60", "old50", "old40")
    assert response["dry_run"] is True
    assert store.deletions_tried == []


def test_second_run_deletes_only_what_was_deferred() -> None:
    store = FakeSnapshotStore(NEW, *OLD)
    first = expire(store, policy(maximum=2)).as_response()

    second = expire(store, policy(maximum=2)).as_response()

    assert second["deleted"] == first["deferred"] == named("old40")
    assert expire(store, policy(maximum=2)).as_response()["deleted"] == []


def test_instance_without_snapshots_is_no_trouble() -> None:
    assert expire(FakeSnapshotStore()).as_response()["examined"] == 0


def test_metrics_count_every_snapshot_once() -> None:
    store = FakeSnapshotStore(NEW, *OLD, failing={named("old60")[0]: RetryableError("throttled")})
    sink = FakeMetricSink()

    record_expiry(expire(store, policy(maximum=2)), sink)

    assert sink.added == [
        ("snapshots_deleted", 1, "Count", None),
        ("snapshots_kept", 2, "Count", None),
        ("snapshot_deletions_failed", 1, "Count", None),
    ]


def test_dry_run_counts_all_as_kept() -> None:
    sink = FakeMetricSink()

    record_expiry(expire(FakeSnapshotStore(NEW, *OLD), dry_run=True), sink)

    assert [value for _, value, _, _ in sink.added] == [0, 4, 0]
