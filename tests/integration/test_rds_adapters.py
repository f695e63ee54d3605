"""The RDS adapters: the same contract as their fakes, and what only the real calls can show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from moto.rds.models import RDSBackend

from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_instances import RdsInstanceDirectory
from rds_operations.adapters.rds_snapshots import RdsSnapshotStore
from rds_operations.domain.errors import AlreadyExistsError, NotFoundError, RefusedError, RetryableError
from rds_operations.domain.instances import DbInstance
from rds_operations.ports.instances import InstanceDirectory
from rds_operations.ports.snapshots import SnapshotCatalog, SnapshotStore
from tests.fakes.instances import FakeInstanceDirectory, instance
from tests.fakes.snapshot_store import FakeSnapshotStore

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

DB, OTHER_DB, QUOTA = "langpont-dev-db", "other-db", 5
TAGS = {"managed-by": "langpont-rds", "reason": "pre-deploy"}


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator["RDSClient"]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        yield rds_client()


@pytest.fixture
def two_instances(rds: "RDSClient", monkeypatch: pytest.MonkeyPatch) -> "RDSClient":
    for identifier in (DB, OTHER_DB):
        boto3.client("rds").create_db_instance(
            DBInstanceIdentifier=identifier,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MultiAZ=True,
            Tags=[{"Key": "CostCenter", "Value": "42"}],
        )
    automated = len(rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"])
    monkeypatch.setattr(RDSBackend, "SNAPSHOT_QUOTA", QUOTA + automated)
    return rds


@pytest.fixture(params=["fake", "moto"])
def store(request: pytest.FixtureRequest) -> SnapshotStore:
    if request.param == "fake":
        return FakeSnapshotStore(instances=(DB, OTHER_DB), quota=QUOTA)
    return RdsSnapshotStore(request.getfixturevalue("two_instances"))


@pytest.fixture(params=["fake", "moto"])
def catalog(request: pytest.FixtureRequest) -> SnapshotCatalog:
    if request.param == "fake":
        return FakeSnapshotStore(instances=(DB, OTHER_DB), quota=QUOTA)
    return RdsSnapshotStore(request.getfixturevalue("two_instances"))


@pytest.fixture(params=["fake", "moto"])
def directory(request: pytest.FixtureRequest) -> InstanceDirectory:
    if request.param == "fake":
        return FakeInstanceDirectory(instance(DB, CostCenter="42"), instance(OTHER_DB))
    return RdsInstanceDirectory(request.getfixturevalue("two_instances"))


class TestSnapshotStoreContract:
    def test_new_instance_has_no_manual_snapshots(self, store: SnapshotStore) -> None:
        assert store.list_manual(DB) == ()

    def test_created_snapshot_is_listed_with_its_tags(self, store: SnapshotStore) -> None:
        created = store.create("langpont-manual-1", DB, TAGS)

        (listed,) = store.list_manual(DB)
        assert (created.identifier, created.instance_identifier) == ("langpont-manual-1", DB)
        assert (listed.identifier, listed.instance_identifier) == ("langpont-manual-1", DB)
        assert listed.tags == created.tags == TAGS

    def test_snapshots_of_another_instance_are_not_listed(self, store: SnapshotStore) -> None:
        store.create("langpont-manual-1", OTHER_DB, TAGS)

        assert store.list_manual(DB) == ()

    def test_snapshot_is_found_by_its_identifier(self, store: SnapshotStore) -> None:
        store.create("langpont-manual-1", DB, TAGS)

        found = store.find("langpont-manual-1")

        assert found is not None
        assert (found.identifier, found.tags) == ("langpont-manual-1", TAGS)

    def test_snapshot_that_is_not_there_is_not_found(self, store: SnapshotStore) -> None:
        assert store.find("langpont-manual-1") is None

    def test_identifier_can_be_used_once(self, store: SnapshotStore) -> None:
        store.create("langpont-manual-1", DB, TAGS)

        with pytest.raises(AlreadyExistsError, match="langpont-manual-1"):
            store.create("langpont-manual-1", DB, TAGS)

    def test_snapshot_of_no_instance_is_refused(self, store: SnapshotStore) -> None:
        with pytest.raises(NotFoundError, match="gone-db"):
            store.create("langpont-manual-1", "gone-db", TAGS)

    def test_full_quota_can_be_retried(self, store: SnapshotStore) -> None:
        for number in range(QUOTA):
            store.create(f"langpont-manual-{number}", DB, TAGS)

        with pytest.raises(RetryableError, match="quota"):
            store.create("langpont-manual-one-more", DB, TAGS)

    def test_deleted_snapshot_is_gone(self, store: SnapshotStore) -> None:
        store.create("langpont-manual-1", DB, TAGS)

        store.delete("langpont-manual-1")

        assert store.list_manual(DB) == ()

    def test_snapshot_that_is_gone_counts_as_deleted(self, store: SnapshotStore) -> None:
        store.delete("langpont-manual-1")

        assert store.find("langpont-manual-1") is None


class TestSnapshotCatalogContract:
    def test_snapshots_of_every_instance_are_listed(self, catalog: SnapshotCatalog) -> None:
        catalog.create("langpont-manual-1", DB, TAGS)
        catalog.create("other-1", OTHER_DB, {})

        listed = catalog.list_all_manual()

        assert sorted(snapshot.identifier for snapshot in listed) == ["langpont-manual-1", "other-1"]

    def test_tags_are_added_to_those_that_are_there(self, catalog: SnapshotCatalog) -> None:
        catalog.create("langpont-manual-1", DB, TAGS)

        catalog.add_tags("langpont-manual-1", {"alerted-failed": "now", "reason": "another"})

        found = catalog.find("langpont-manual-1")
        assert found is not None
        assert found.tags == {**TAGS, "alerted-failed": "now", "reason": "another"}

    def test_snapshot_that_is_gone_takes_no_tags(self, catalog: SnapshotCatalog) -> None:
        with pytest.raises(NotFoundError):
            catalog.add_tags("langpont-manual-1", {"alerted-failed": "now"})


class TestInstanceDirectoryContract:
    def test_instance_is_described_with_its_tags(self, directory: InstanceDirectory) -> None:
        described = directory.describe(DB)

        assert (described.identifier, described.status, described.multi_az) == (DB, "available", True)
        assert described.arn.endswith(f":db:{DB}")
        assert described.tags == {"CostCenter": "42"}

    def test_instance_that_is_not_there_is_named(self, directory: InstanceDirectory) -> None:
        with pytest.raises(NotFoundError, match="gone-db"):
            directory.describe("gone-db")

    def test_history_is_in_the_order_of_time(self, directory: InstanceDirectory) -> None:
        history = directory.history(DB, timedelta(hours=1))

        times = [entry.occurred_at for entry in history]
        assert times == sorted(times)


def listed(number: int, **fields: Any) -> dict[str, Any]:
    names = {"DBSnapshotIdentifier": f"langpont-manual-{number}", "DBInstanceIdentifier": DB, "Status": "available"}
    return {**names, **fields}


def test_listing_takes_one_call_per_hundred(rds: "RDSClient") -> None:
    asked = {"DBInstanceIdentifier": DB, "SnapshotType": "manual", "MaxRecords": 100}
    first, second = [listed(number) for number in range(100)], [listed(100)]
    with Stubber(rds) as stubber:
        stubber.add_response("describe_db_snapshots", {"DBSnapshots": first, "Marker": "m"}, asked)
        stubber.add_response("describe_db_snapshots", {"DBSnapshots": second}, {**asked, "Marker": "m"})

        snapshots = RdsSnapshotStore(rds).list_manual(DB)

        stubber.assert_no_pending_responses()
    assert len(snapshots) == 101


def test_snapshot_that_is_being_made_has_no_creation_time(rds: "RDSClient") -> None:
    created_at = datetime(2026, 11, 23, 18, tzinfo=UTC)
    answer = {"DBSnapshots": [listed(1, Status="creating"), listed(2, SnapshotCreateTime=created_at)]}
    with Stubber(rds) as stubber:
        stubber.add_response("describe_db_snapshots", answer)

        snapshots = RdsSnapshotStore(rds).list_manual(DB)

    assert [(snapshot.is_available, snapshot.created_at) for snapshot in snapshots] == [
        (False, None),
        (True, created_at),
    ]


def test_denied_deletion_is_refused_in_the_words_of_aws(rds: "RDSClient") -> None:
    stubber = Stubber(rds)
    stubber.add_client_error("delete_db_snapshot", "AccessDenied", "not authorized", 403)

    with stubber, pytest.raises(RefusedError, match="deleting snapshot x was denied: not authorized"):
        RdsSnapshotStore(rds).delete("x")


def test_listing_that_fails_on_a_later_page_is_translated(rds: "RDSClient") -> None:
    stubber = Stubber(rds)
    stubber.add_response("describe_db_snapshots", {"DBSnapshots": [listed(1)], "Marker": "m"})
    stubber.add_client_error("describe_db_snapshots", "Throttling", "Rate exceeded")

    with stubber, pytest.raises(RetryableError, match=f"listing the snapshots of {DB} failed"):
        RdsSnapshotStore(rds).list_manual(DB)


def test_every_field_of_an_instance_is_read(rds: "RDSClient") -> None:
    restorable = datetime(2026, 11, 23, 17, 55, tzinfo=UTC)
    described = {
        "DBInstanceIdentifier": DB,
        "DBInstanceArn": "arn:db",
        "DbiResourceId": "db-X",
        "DBInstanceStatus": "backing-up",
        "MultiAZ": True,
        "AvailabilityZone": "ap-northeast-1a",
        "SecondaryAvailabilityZone": "ap-northeast-1c",
        "LatestRestorableTime": restorable,
        "ReadReplicaDBInstanceIdentifiers": ["replica-1"],
        "TagList": [{"Key": "a", "Value": "b"}, {"Key": "empty"}],
        "BackupRetentionPeriod": 7,
        "AllocatedStorage": 110,
        "MaxAllocatedStorage": 1000,
    }
    with Stubber(rds) as stubber:
        stubber.add_response("describe_db_instances", {"DBInstances": [described]}, {"DBInstanceIdentifier": DB})

        result = RdsInstanceDirectory(rds).describe(DB)

    assert result == DbInstance(
        identifier=DB,
        arn="arn:db",
        resource_id="db-X",
        status="backing-up",
        multi_az=True,
        availability_zone="ap-northeast-1a",
        secondary_availability_zone="ap-northeast-1c",
        latest_restorable_time=restorable,
        replica_identifiers=("replica-1",),
        tags={"a": "b", "empty": ""},
        backup_retention_days=7,
        allocated_storage_gib=110,
        maximum_storage_gib=1000,
    )


@pytest.mark.parametrize(
    ("looking_back", "minutes"),
    [(timedelta(minutes=10), 10), (timedelta(seconds=61), 2), (timedelta(0), 1), (timedelta(days=30), 20_160)],
)
def test_history_reads_all_pages_oldest_first(rds: "RDSClient", looking_back: timedelta, minutes: int) -> None:
    asked = {"SourceIdentifier": DB, "SourceType": "db-instance", "Duration": minutes, "MaxRecords": 100}
    late, early = (datetime(2026, 11, 23, 18, minute, tzinfo=UTC) for minute in (5, 1))
    with Stubber(rds) as stubber:
        page = {"Events": [{"Date": late, "EventCategories": ["failover"], "Message": "done"}], "Marker": "m"}
        stubber.add_response("describe_events", page, asked)
        stubber.add_response("describe_events", {"Events": [{"Date": early}]}, {**asked, "Marker": "m"})

        history = RdsInstanceDirectory(rds).history(DB, looking_back)

    assert [(entry.occurred_at, entry.categories, entry.message) for entry in history] == [
        (early, (), ""),
        (late, ("failover",), "done"),
    ]


def test_event_listing_that_is_denied_is_refused(rds: "RDSClient") -> None:
    stubber = Stubber(rds)
    stubber.add_client_error("describe_events", "AccessDenied", "not authorized", 403)

    with stubber, pytest.raises(RefusedError, match=f"reading the events of DB instance {DB} was denied"):
        RdsInstanceDirectory(rds).history(DB, timedelta(hours=1))


def test_unreachable_rds_can_be_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    client = rds_client(attempts=1)

    with pytest.raises(RetryableError, match="AWS could not be reached"):
        RdsInstanceDirectory(client).describe(DB)
