"""The local AWS's snapshots: the quota, and the age and status that tags ask for."""

from typing import Any

import pytest

from local.aws.gaps.rds_authorization import checks
from local.aws.snapshot_wishes import QUOTA, over_quota, play

HERE, ELSEWHERE = "ap-northeast-1", "us-east-1"
NOW, AGED = "2026-11-23T18:00:00.000Z", "2026-10-01T18:00:00.000Z"


def new_snapshot(**tags: str) -> dict[str, Any]:
    return {
        "Status": "available",
        "SnapshotCreateTime": NOW,
        "OriginalSnapshotCreateTime": NOW,
        "SnapshotDatabaseTime": NOW,
        "PercentProgress": 100,
        "TagList": [{"Key": key.replace("__", ":").replace("_", "-"), "Value": tags[key]} for key in tags],
    }


def listed(count: int, region: str = HERE, kind: str = "manual") -> list[dict[str, str]]:
    arn = f"arn:aws:rds:{region}:000000000000:snapshot:x"
    return [{"SnapshotType": kind, "DBSnapshotArn": arn}] * count


@pytest.mark.parametrize(
    ("snapshots", "is_full"),
    [
        (listed(QUOTA - 1), False),
        (listed(QUOTA), True),
        (listed(QUOTA, ELSEWHERE), False),
        (listed(QUOTA, kind="automated"), False),
        (listed(QUOTA - 1) + listed(5, ELSEWHERE) + listed(5, kind="automated"), False),
    ],
)
def test_quota_counts_manual_snapshots_of_the_region(snapshots: list[dict[str, str]], *, is_full: bool) -> None:
    assert over_quota(snapshots, HERE) is is_full


def test_snapshot_without_wishes_stays_as_it_is() -> None:
    snapshot = new_snapshot(owner="x")

    play(snapshot)

    assert snapshot == new_snapshot(owner="x")


def test_wishes_are_fulfilled_and_not_kept() -> None:
    snapshot = new_snapshot(owner="x", local__created_at=AGED, local__status="failed")

    play(snapshot)

    assert (snapshot["Status"], snapshot["SnapshotCreateTime"]) == ("failed", AGED)
    assert snapshot["TagList"] == [{"Key": "owner", "Value": "x"}]


def test_snapshot_under_way_has_no_time_of_creation() -> None:
    snapshot = new_snapshot(local__created_at=AGED, local__status="creating")

    play(snapshot)

    assert (snapshot["Status"], snapshot["SnapshotCreateTime"], snapshot["PercentProgress"]) == ("creating", "", 0)


def test_listing_of_everything_is_authorized_on_every_snapshot() -> None:
    [(action, resource)] = checks("rds:DescribeDBSnapshots", {"SnapshotType": ["manual"]})

    assert action == "rds:DescribeDBSnapshots"
    assert resource.endswith(":snapshot:*")
