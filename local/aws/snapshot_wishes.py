"""What a test or a demonstration may wish of a new snapshot by tags, and the quota that RDS sets.

The tag `local:created-at` on CreateDBSnapshot dates a snapshot back, because nobody can wait a month for a
demonstration, and `local:status` gives it another status than `available`, because none fails here by itself. Neither
tag is kept.
"""

from collections.abc import Iterable, Mapping
from typing import Any

CREATED_AT_TAG = "local:created-at"
STATUS_TAG = "local:status"
AVAILABLE = "available"
# Manual snapshots an account and region (RDS User Guide, "Quotas and constraints").
QUOTA = 100

_UNDER_WAY = ("creating", "pending")


def over_quota(snapshots: Iterable[Mapping[str, Any]], region: str) -> bool:
    """Return whether an account with these snapshots can have no other manual one in the region."""
    manual = [s for s in snapshots if s["SnapshotType"] == "manual" and f":rds:{region}:" in s["DBSnapshotArn"]]
    return len(manual) >= QUOTA


def play(snapshot: dict[str, Any]) -> None:
    """Give a new snapshot the age and the status that its tags ask for, and take these tags off."""
    tags = {tag["Key"]: tag["Value"] for tag in snapshot["TagList"]}
    created_at, snapshot["Status"] = tags.pop(CREATED_AT_TAG, None), tags.pop(STATUS_TAG, AVAILABLE)
    snapshot["TagList"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    if snapshot["Status"] in _UNDER_WAY:
        # RDS shows no time of creation before there is a snapshot.
        created_at, snapshot["PercentProgress"] = "", 0
    if created_at is not None:
        for field in ("SnapshotCreateTime", "OriginalSnapshotCreateTime", "SnapshotDatabaseTime"):
            snapshot[field] = created_at
