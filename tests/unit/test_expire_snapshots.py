"""What one run of expire_snapshots does and reports."""

from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.domain.snapshot_expiry import ExpiryPolicy
from rds_operations.domain.snapshots import Snapshot
from rds_operations.runtime.expiry_records import record_expiry
from rds_operations.usecases.expire_snapshots import ExpiryReport, expire_snapshots
from tests.fakes.clock import FakeClock
from tests.fakes.metric_sink import FakeMetricSink
from tests.fakes.snapshot_store import FakeSnapshotStore
from tests.snapshot_worlds import POLICIES, SNAPSHOTS, leaving
from tests.snapshots import INSTANCE, NOW, OWNERSHIP, PREFIX, owned, policy

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
        "refused": "",
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
        ("snapshot_expiry_refused", 0, "Count", None),
    ]


def test_dry_run_counts_all_as_kept() -> None:
    sink = FakeMetricSink()

    record_expiry(expire(FakeSnapshotStore(NEW, *OLD), dry_run=True), sink)

    assert [value for _, value, _, _ in sink.added] == [0, 4, 0, 0]


def test_run_on_a_listing_that_looks_wrong_deletes_nothing_and_says_why() -> None:
    store = FakeSnapshotStore(owned("ahead", age_days=-1), *OLD)
    sink = FakeMetricSink()

    report = expire(store)
    record_expiry(report, sink)

    response = report.as_response()
    assert response["refused"] == report.plan.refusal != ""
    assert (response["examined"], response["deleted"], response["failed"]) == (4, [], [])
    assert store.deletions_tried == []
    assert sink.values["snapshot_expiry_refused"] == 1


def test_failed_snapshot_that_cannot_be_deleted_is_reported_and_tried_once() -> None:
    stuck = owned("stuck", age_days=8, status="failed")
    store = FakeSnapshotStore(NEW, stuck, failing={stuck.identifier: RetryableError("its state forbids it")})

    response = expire(store).as_response()

    assert response["failed"] == [{"snapshot_identifier": stuck.identifier, "error": "its state forbids it"}]
    assert store.deletions_tried == [stuck.identifier]


def test_newest_snapshots_of_a_deleted_instance_stay() -> None:
    store = FakeSnapshotStore(*OLD, instances=())

    response = expire(store, policy(minimum=2)).as_response()

    assert response["deleted"] == named("old60")


def test_dry_run_explains_what_a_run_then_does() -> None:
    store = FakeSnapshotStore(NEW, *OLD)

    explained, done = (expire(store, policy(maximum=2), dry_run=dry).as_response() for dry in (True, False))

    assert explained | {"dry_run": False} == done


@given(SNAPSHOTS, POLICIES, st.sets(st.integers(0, 999)))
def test_failed_deletion_stops_no_other_in_any_world(
    snapshots: list[Snapshot], by: ExpiryPolicy, unlucky: set[int]
) -> None:
    errors = {f"{PREFIX}-{number}": RetryableError("throttled") for number in unlucky}
    store = FakeSnapshotStore(*snapshots, failing=errors)
    going = [snapshot.identifier for snapshot in leaving(snapshots, by) if snapshot.instance_identifier == INSTANCE]

    response = expire(store, by).as_response()

    assert store.deletions_tried == going
    assert response["deleted"] == [identifier for identifier in going if identifier not in errors]
    assert set(store.identifiers) == {s.identifier for s in snapshots} - set(going) | (errors.keys() & set(going))
