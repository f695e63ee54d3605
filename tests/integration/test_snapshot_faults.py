"""The fault table of the snapshot functions: real adapters, an RDS that misbehaves, and what is left undone."""

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_instances import RdsInstanceDirectory
from rds_operations.adapters.rds_snapshots import RdsSnapshotStore
from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from rds_operations.domain.snapshots import Snapshot, SnapshotRequest
from rds_operations.usecases.create_snapshot import SnapshotCreation, create_snapshot
from rds_operations.usecases.expire_snapshots import expire_snapshots
from tests.fakes.clock import FakeClock
from tests.rds_faults import ANY_CALL, WRONG_STATE, Answer, Fault, answering
from tests.snapshots import INSTANCE, NOW, OWNERSHIP, PREFIX, owned, policy

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

NEW = owned("20261123-180000", age_days=0)
OLD = [owned(f"old{age}", age_days=age) for age in (60, 50, 40)]
GONE = Fault("DBSnapshotNotFound", 404, RefusedError, "")

any_fault = pytest.mark.parametrize("fault", ANY_CALL, ids=lambda fault: fault.code)


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> "RDSClient":
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    return rds_client()


def listed(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "DBSnapshotIdentifier": snapshot.identifier,
        "DBInstanceIdentifier": snapshot.instance_identifier,
        "Status": snapshot.status,
        **({"SnapshotCreateTime": snapshot.created_at} if snapshot.created_at else {}),
        "TagList": [{"Key": key, "Value": value} for key, value in snapshot.tags.items()],
    }


def pages(*snapshots: Snapshot, size: int = 100) -> list[Answer]:
    found = [listed(snapshot) for snapshot in snapshots]
    cut = [found[start : start + size] for start in range(0, len(found), size)]
    return [
        ("describe_db_snapshots", {"DBSnapshots": page, **({"Marker": str(number)} if number < len(cut) else {})})
        for number, page in enumerate(cut, 1)
    ]


def deleted(snapshot: Snapshot) -> Answer:
    return "delete_db_snapshot", {"DBSnapshot": listed(snapshot)}


def expire(rds: "RDSClient") -> dict[str, Any]:
    report = expire_snapshots(
        store=RdsSnapshotStore(rds),
        clock=FakeClock(NOW),
        ownership=OWNERSHIP,
        prefix=PREFIX,
        policy=policy(),
        dry_run=False,
    )
    return report.as_response()


def names(*snapshots: Snapshot) -> list[str]:
    return [snapshot.identifier for snapshot in snapshots]


class TestExpiry:
    @any_fault
    @pytest.mark.parametrize("failing_page", [0, 1, 2], ids=["first", "middle", "last"])
    def test_listing_that_fails_deletes_nothing(self, rds: "RDSClient", fault: Fault, failing_page: int) -> None:
        answers = pages(*OLD, size=1)[:failing_page]

        with (
            answering(rds, *answers, ("describe_db_snapshots", fault)),
            pytest.raises(fault.becomes, match=f"listing the snapshots of {INSTANCE} .*{fault.words}"),
        ):
            expire(rds)

    @pytest.mark.parametrize("fault", [*ANY_CALL, WRONG_STATE], ids=lambda fault: fault.code)
    @pytest.mark.parametrize("unlucky", OLD, ids=["first", "middle", "last"])
    def test_deletion_that_fails_leaves_the_others_to_go(
        self, rds: "RDSClient", fault: Fault, unlucky: Snapshot
    ) -> None:
        deletions = [("delete_db_snapshot", fault) if old is unlucky else deleted(old) for old in OLD]

        with answering(rds, *pages(NEW, *OLD), *deletions):
            response = expire(rds)

        [failed] = response["failed"]
        assert response["deleted"] == [name for name in names(*OLD) if name != unlucky.identifier]
        assert failed["snapshot_identifier"] == unlucky.identifier
        assert fault.words in failed["error"]

    def test_snapshot_that_is_gone_since_the_listing_counts_as_deleted(self, rds: "RDSClient") -> None:
        with answering(rds, *pages(NEW, *OLD), deleted(OLD[0]), ("delete_db_snapshot", GONE), deleted(OLD[2])):
            response = expire(rds)

        assert (response["deleted"], response["failed"]) == (names(*OLD), [])

    def test_second_of_two_runs_at_once_finds_its_work_done(self, rds: "RDSClient") -> None:
        listing = pages(NEW, *OLD)

        with answering(rds, *listing, *map(deleted, OLD)):
            first = expire(rds)
        with answering(rds, *listing, *[("delete_db_snapshot", GONE)] * 3):
            second = expire(rds)

        assert first == second

    def test_second_of_two_runs_at_once_reports_what_is_being_deleted(self, rds: "RDSClient") -> None:
        with answering(rds, *pages(NEW, *OLD), *[("delete_db_snapshot", WRONG_STATE)] * 3):
            response = expire(rds)

        assert [failed["snapshot_identifier"] for failed in response["failed"]] == names(*OLD)

    def test_repeated_run_finds_nothing_to_do(self, rds: "RDSClient") -> None:
        with answering(rds, *pages(NEW, *OLD), *map(deleted, OLD)):
            expire(rds)
        with answering(rds, *pages(NEW)):
            response = expire(rds)

        assert (response["deleted"], response["failed"]) == ([], [])

    @pytest.mark.parametrize("seed", range(3))
    def test_listing_out_of_order_and_in_pages_costs_a_call_each(self, rds: "RDSClient", seed: int) -> None:
        snapshots = [owned(f"day{age:03}", age_days=age) for age in range(250)]
        oldest = snapshots[:-21:-1]
        snapshots.sort(key=lambda snapshot: sha256(f"{seed}{snapshot.identifier}".encode()).digest())

        with answering(rds, *pages(*snapshots), *map(deleted, oldest)):
            response = expire(rds)

        assert response["deleted"] == names(*oldest)
        assert (response["examined"], len(response["deferred"])) == (250, 199)

    def test_snapshot_on_two_pages_is_deleted_once(self, rds: "RDSClient") -> None:
        with answering(rds, *pages(NEW, OLD[0], OLD[0], OLD[1], size=2), deleted(OLD[0]), deleted(OLD[1])):
            response = expire(rds)

        assert response["examined"] == 3

    @pytest.mark.parametrize(
        "unreadable", [{"Key": "retain-until", "Value": "soon"}, {"Key": "retain-until"}, {"Key": "HOLD"}]
    )
    def test_unreadable_tag_keeps_its_own_snapshot_alone(self, rds: "RDSClient", unreadable: dict[str, str]) -> None:
        tagged = listed(OLD[1])
        tagged["TagList"] += [unreadable, {}, {"Value": "of nothing"}]
        page = {"DBSnapshots": [listed(NEW), listed(OLD[0]), tagged, listed(OLD[2])]}

        with answering(rds, ("describe_db_snapshots", page), deleted(OLD[0]), deleted(OLD[2])):
            response = expire(rds)

        assert sorted(response["kept"]) == names(NEW, OLD[1])

    def test_snapshot_whose_tags_are_not_listed_stays(self, rds: "RDSClient") -> None:
        untagged = listed(OLD[0])
        del untagged["TagList"]

        with answering(rds, ("describe_db_snapshots", {"DBSnapshots": [untagged, listed(NEW)]})):
            response = expire(rds)

        assert response["deleted"] == []


FOUND_NONE: Answer = ("describe_db_snapshots", Fault("DBSnapshotNotFound", 404, RefusedError, ""))
TAKEN: Answer = ("create_db_snapshot", Fault("DBSnapshotAlreadyExists", 400, RefusedError, ""))
CREATION_STEPS = ("describe_db_snapshots", "describe_db_instances", "create_db_snapshot")


def instance(status: str = "available") -> Answer:
    described = {
        "DBInstanceIdentifier": INSTANCE,
        "DBInstanceArn": f"arn:aws:rds:ap-northeast-1:123456789012:db:{INSTANCE}",
        "DbiResourceId": "db-ABC",
        "DBInstanceStatus": status,
    }
    return "describe_db_instances", {"DBInstances": [described]}


def found(snapshot: Snapshot) -> Answer:
    return "describe_db_snapshots", {"DBSnapshots": [listed(snapshot)]}


def create(rds: "RDSClient") -> SnapshotCreation:
    return create_snapshot(
        SnapshotRequest(NOW, "scheduled"),
        ownership=OWNERSHIP,
        prefix=PREFIX,
        directory=RdsInstanceDirectory(rds),
        store=RdsSnapshotStore(rds),
    )


class TestCreation:
    @any_fault
    @pytest.mark.parametrize("failing", range(3), ids=CREATION_STEPS)
    def test_call_that_fails_is_raised_in_words(self, rds: "RDSClient", fault: Fault, failing: int) -> None:
        answers = [FOUND_NONE, instance()][:failing]

        with (
            answering(rds, *answers, (CREATION_STEPS[failing], fault)),
            pytest.raises(fault.becomes, match=fault.words),
        ):
            create(rds)

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("SnapshotQuotaExceeded", "the quota of manual DB snapshots is full"),
            ("InvalidDBInstanceState", "the DB instance is in a state that forbids it"),
        ],
    )
    def test_refusal_that_passes_is_left_to_a_retry(self, rds: "RDSClient", code: str, words: str) -> None:
        refusal = Fault(code, 400, RetryableError, words)

        with (
            answering(rds, FOUND_NONE, instance(), ("create_db_snapshot", refusal)),
            pytest.raises(RetryableError, match=f"creating snapshot {NEW.identifier} of {INSTANCE} failed: {words}"),
        ):
            create(rds)

    @pytest.mark.parametrize("status", ["backing-up", "modifying", "stopped"])
    def test_instance_in_another_state_is_asked_nothing(self, rds: "RDSClient", status: str) -> None:
        with (
            answering(rds, FOUND_NONE, instance(status)),
            pytest.raises(RetryableError, match=f"{INSTANCE} is {status}, not available"),
        ):
            create(rds)

    def test_creation_without_an_answer_is_found_by_the_retry(self, rds: "RDSClient") -> None:
        with answering(rds, FOUND_NONE, instance(), (CREATION_STEPS[2], ANY_CALL[-1])), pytest.raises(OperationsError):
            create(rds)
        with answering(rds, found(replace(NEW, status="creating", created_at=None))):
            repeated = create(rds)

        assert (repeated.snapshot_identifier, repeated.status) == (NEW.identifier, "already_exists")

    def test_second_of_two_requests_at_once_finds_it_made(self, rds: "RDSClient") -> None:
        with answering(rds, FOUND_NONE, instance(), TAKEN, found(NEW)):
            assert create(rds).status == "already_exists"

    def test_strangers_snapshot_made_at_once_is_an_error(self, rds: "RDSClient") -> None:
        stranger = replace(NEW, tags={"managed-by": "langpont-rds", "environment": "prod"})

        with (
            answering(rds, FOUND_NONE, instance(), TAKEN, found(stranger)),
            pytest.raises(RefusedError, match="not made"),
        ):
            create(rds)
