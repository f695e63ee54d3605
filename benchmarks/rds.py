"""RDS from memory behind boto3's own client: its paginators and parameter checks are used, its network is not.

Pages hold 100 snapshots at most, as those of RDS do (RDS API reference, DescribeDBSnapshots); every call is counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.worlds import REGION
from rds_operations.adapters.rds_tags import to_tag_list
from rds_operations.domain.snapshots import Snapshot

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

LARGEST_PAGE = 100

type Parameters = Mapping[str, Any]


class CountingRds:
    """Lists, describes and deletes the manual snapshots it is given.

    Args:
        snapshots: All manual snapshots of the account.
    """

    def __init__(self, snapshots: Iterable[Snapshot]) -> None:
        self.calls: Counter[str] = Counter()
        self._listed = {_arn(snapshot.identifier): _described(snapshot) for snapshot in snapshots}
        self._answers = {
            "DescribeDBSnapshots": self._describe,
            "ListTagsForResource": self._tags,
            "DeleteDBSnapshot": self._delete,
        }
        session = boto3.Session("nobody", "nothing", region_name=REGION)
        self.client: RDSClient = session.client("rds")
        # The stubs do not know that the answer of a handler counts.
        handler: Any = self._answer
        self.client.meta.events.register("before-call.rds", handler)

    @property
    def count(self) -> int:
        """Return how many calls were made."""
        return self.calls.total()

    def _answer(self, model: Any, params: Parameters, **_: object) -> tuple[SimpleNamespace, dict[str, Any]]:
        """Stand in for the network: what a `before-call` handler returns is the answer."""
        self.calls[model.name] += 1
        return SimpleNamespace(status_code=HTTPStatus.OK), self._answers[model.name](params["body"])

    def _describe(self, asked: Parameters) -> dict[str, Any]:
        instance = asked.get("DBInstanceIdentifier")
        found = [one for one in self._listed.values() if instance in (None, one["DBInstanceIdentifier"])]
        start, size = int(asked.get("Marker", 0)), min(int(asked.get("MaxRecords", LARGEST_PAGE)), LARGEST_PAGE)
        end = start + size
        marker = {"Marker": str(end)} if end < len(found) else {}
        return {"DBSnapshots": found[start:end], **marker}

    def _tags(self, asked: Parameters) -> dict[str, Any]:
        return {"TagList": self._listed[asked["ResourceName"]]["TagList"]}

    def _delete(self, asked: Parameters) -> dict[str, Any]:
        return {"DBSnapshot": self._listed.pop(_arn(asked["DBSnapshotIdentifier"]))}


def _arn(identifier: str) -> str:
    return f"arn:aws:rds:{REGION}:123456789012:snapshot:{identifier}"


def _described(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "DBSnapshotIdentifier": snapshot.identifier,
        "DBSnapshotArn": _arn(snapshot.identifier),
        "DBInstanceIdentifier": snapshot.instance_identifier,
        "SnapshotCreateTime": snapshot.created_at,
        "SnapshotType": "manual",
        "Status": snapshot.status,
        "TagList": to_tag_list(snapshot.tags),
    }
