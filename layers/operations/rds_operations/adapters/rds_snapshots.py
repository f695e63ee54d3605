"""Manual snapshots in RDS."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rds_operations.adapters.aws_errors import translating
from rds_operations.adapters.rds_tags import from_tag_list, to_tag_list
from rds_operations.domain.errors import NotFoundError
from rds_operations.domain.snapshots import Snapshot

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBSnapshotTypeDef

PAGE_SIZE = 100
"""The most that RDS lists in one call (RDS API reference, DescribeDBSnapshots)."""


class RdsSnapshotStore:
    """Lists, makes and deletes manual snapshots of one instance; tags come inline, without a call per snapshot.

    Args:
        client: boto3's client of RDS.
    """

    def __init__(self, client: "RDSClient") -> None:
        self._client = client

    def list_manual(self, instance_identifier: str) -> tuple[Snapshot, ...]:
        """Return all manual snapshots of the instance, in one call per hundred."""
        paginator = self._client.get_paginator("describe_db_snapshots")
        with translating(f"listing the snapshots of {instance_identifier}"):
            pages = paginator.paginate(
                DBInstanceIdentifier=instance_identifier,
                SnapshotType="manual",
                PaginationConfig={"PageSize": PAGE_SIZE},
            )
            return tuple(_snapshot(listed) for page in pages for listed in page["DBSnapshots"])

    def list_all_manual(self) -> tuple[Snapshot, ...]:
        """Return all manual snapshots of the account in the region, in one call per hundred."""
        paginator = self._client.get_paginator("describe_db_snapshots")
        with translating("listing the manual snapshots of the account"):
            pages = paginator.paginate(SnapshotType="manual", PaginationConfig={"PageSize": PAGE_SIZE})
            return tuple(_snapshot(listed) for page in pages for listed in page["DBSnapshots"])

    def add_tags(self, identifier: str, tags: Mapping[str, str]) -> None:
        """Add tags to a snapshot, in two calls: RDS takes the ARN, and a snapshot's own answer has it.

        Raises:
            NotFoundError: there is no such snapshot.
            RetryableError: throttled.
            RefusedError: the call is not allowed, or the snapshot has 50 tags.
        """
        with translating(f"adding the tags {', '.join(tags)} to snapshot {identifier}"):
            [found] = self._client.describe_db_snapshots(DBSnapshotIdentifier=identifier)["DBSnapshots"]
            self._client.add_tags_to_resource(ResourceName=found["DBSnapshotArn"], Tags=to_tag_list(tags))

    def create(self, identifier: str, instance_identifier: str, tags: Mapping[str, str]) -> Snapshot:
        """Start a snapshot and return it as RDS answered.

        Raises:
            AlreadyExistsError: a snapshot of that identifier exists.
            NotFoundError: there is no such instance.
            RetryableError: the instance is in a state that forbids snapshots now, or the quota is full.
        """
        with translating(f"creating snapshot {identifier} of {instance_identifier}"):
            answer = self._client.create_db_snapshot(
                DBSnapshotIdentifier=identifier, DBInstanceIdentifier=instance_identifier, Tags=to_tag_list(tags)
            )
        return _snapshot(answer["DBSnapshot"])

    def find(self, identifier: str) -> Snapshot | None:
        """Return the snapshot of that identifier, or None."""
        try:
            with translating(f"looking for snapshot {identifier}"):
                answer = self._client.describe_db_snapshots(DBSnapshotIdentifier=identifier)
        except NotFoundError:
            return None
        return next((_snapshot(listed) for listed in answer["DBSnapshots"]), None)

    def delete(self, identifier: str) -> None:
        """Delete the snapshot; one that is gone already counts as deleted.

        Raises:
            RetryableError: throttled, or the snapshot is in a state that forbids deletion now.
            RefusedError: the call is not allowed.
        """
        try:
            with translating(f"deleting snapshot {identifier}"):
                self._client.delete_db_snapshot(DBSnapshotIdentifier=identifier)
        except NotFoundError:
            return


def _snapshot(listed: "DBSnapshotTypeDef") -> Snapshot:
    return Snapshot(
        identifier=listed["DBSnapshotIdentifier"],
        instance_identifier=listed["DBInstanceIdentifier"],
        status=listed["Status"],
        created_at=listed.get("SnapshotCreateTime"),
        tags=from_tag_list(listed.get("TagList", [])),
    )
