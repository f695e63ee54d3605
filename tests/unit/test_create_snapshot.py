"""What one request for a snapshot leads to."""

from dataclasses import replace

import pytest

from rds_operations.domain.errors import NotFoundError, RefusedError, RetryableError
from rds_operations.domain.instances import DbInstance
from rds_operations.domain.snapshots import Snapshot, SnapshotRequest
from rds_operations.usecases.create_snapshot import SnapshotCreation, create_snapshot
from tests.fakes.instances import FakeInstanceDirectory, instance
from tests.fakes.snapshot_store import FakeSnapshotStore
from tests.snapshots import INSTANCE, NOW, OWNERSHIP, PREFIX, owned

NAME = "langpont-manual-20261123-180000"
OWN = owned("20261123-180000")


def create(store: FakeSnapshotStore, described: DbInstance | None = None) -> SnapshotCreation:
    return create_snapshot(
        SnapshotRequest(NOW, "scheduled"),
        ownership=OWNERSHIP,
        prefix=PREFIX,
        directory=FakeInstanceDirectory(described or instance()),
        store=store,
    )


def test_request_starts_a_snapshot_named_by_its_time() -> None:
    store = FakeSnapshotStore()

    creation = create(store)

    assert store.identifiers == [NAME]
    assert creation.as_response() == {
        "snapshot_identifier": NAME,
        "db_instance_identifier": INSTANCE,
        "status": "creating",
        "created_at": "2026-11-23T18:00:00Z",
    }


def test_snapshot_carries_ownership_and_instance_tags() -> None:
    store = FakeSnapshotStore()

    create(store, instance(CostCenter="42"))

    (snapshot,) = store.list_manual(INSTANCE)
    assert snapshot.is_owned_by(OWNERSHIP)
    assert snapshot.tags["CostCenter"] == "42"
    assert snapshot.tags["reason"] == "scheduled"


def test_same_time_twice_makes_one_snapshot() -> None:
    store = FakeSnapshotStore()
    first = create(store)

    second = create(store)

    assert store.identifiers == [NAME]
    assert second.as_response() == first.as_response() | {"status": "already_exists"}


def test_repeat_succeeds_while_its_snapshot_is_being_made() -> None:
    store = FakeSnapshotStore()
    create(store)

    repeat = create(store, instance(status="backing-up"))

    assert repeat.status == "already_exists"


def test_concurrent_repeat_counts_as_already_existing() -> None:
    store = FakeSnapshotStore(made_by_others=[OWN])

    assert create(store).status == "already_exists"


@pytest.mark.parametrize("existing", [replace(OWN, tags={}), replace(OWN, instance_identifier="other-db")])
def test_foreign_snapshot_of_that_name_is_refused(existing: Snapshot) -> None:
    with pytest.raises(RefusedError, match=f"{NAME} of .* was not made for langpont dev"):
        create(FakeSnapshotStore(existing))


def test_foreign_snapshot_that_came_first_is_refused() -> None:
    with pytest.raises(RefusedError, match="was not made for langpont dev"):
        create(FakeSnapshotStore(made_by_others=[replace(OWN, tags={})]))


def test_failed_snapshot_of_that_name_is_no_success() -> None:
    with pytest.raises(RefusedError, match=f"{NAME} exists and has failed"):
        create(FakeSnapshotStore(replace(OWN, status="failed")))


@pytest.mark.parametrize("status", ["backing-up", "modifying", "stopped", "storage-full"])
def test_instance_that_is_not_available_is_named_with_its_state(status: str) -> None:
    store = FakeSnapshotStore()

    with pytest.raises(RetryableError, match=f"{INSTANCE} is {status}, not available"):
        create(store, instance(status=status))

    assert store.identifiers == []


def test_full_quota_is_named() -> None:
    with pytest.raises(RetryableError, match="quota of 0 manual DB snapshots"):
        create(FakeSnapshotStore(quota=0))


def test_missing_instance_is_named() -> None:
    with pytest.raises(NotFoundError, match=INSTANCE):
        create(FakeSnapshotStore(), instance("other-db"))
