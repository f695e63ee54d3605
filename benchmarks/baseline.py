"""The baseline "per-snapshot tag reading": how the common snapshot tools expire.

They list every manual snapshot of the account, ask for the tags of each one of the instance with a call of its own, and
delete what is theirs and old: ⌈S/100⌉ + M + X calls, for S snapshots in the account, M of the instance and X that are
due. The listing brings the tags with it, so ⌈M/100⌉ + X calls are enough.

Nothing here is copied from such a tool. Their safety is not measured: like them, this deletes the last backup, too.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from rds_operations.adapters.rds_tags import from_tag_list

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBSnapshotTypeDef

NAME = "per-snapshot tag reading"


class PerSnapshotTagReading:
    """Expires the snapshots of one instance.

    Args:
        client: boto3's client of RDS.
        instance_identifier: The instance.
        tags: What marks a snapshot as the tool's own.
    """

    def __init__(self, client: "RDSClient", instance_identifier: str, tags: Mapping[str, str]) -> None:
        self._client = client
        self._instance = instance_identifier
        self._tags = tags

    def expire(self, made_before: datetime) -> list[str]:
        """Delete the tool's own snapshots made before a moment, and return their identifiers."""
        pages = self._client.get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
        listed = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
        of_instance = [snapshot for snapshot in listed if snapshot["DBInstanceIdentifier"] == self._instance]
        own = [snapshot for snapshot in of_instance if self._is_own(snapshot)]
        due = [snapshot["DBSnapshotIdentifier"] for snapshot in own if snapshot["SnapshotCreateTime"] < made_before]
        for identifier in due:
            self._client.delete_db_snapshot(DBSnapshotIdentifier=identifier)
        return due

    def _is_own(self, snapshot: "DBSnapshotTypeDef") -> bool:
        answer = self._client.list_tags_for_resource(ResourceName=snapshot["DBSnapshotArn"])
        return self._tags.items() <= from_tag_list(answer["TagList"]).items()
