"""DB instances and their recent history in RDS."""

from datetime import timedelta
from typing import TYPE_CHECKING

from rds_operations.adapters.aws_errors import translating
from rds_operations.adapters.rds_tags import from_tag_list
from rds_operations.domain.errors import NotFoundError
from rds_operations.domain.instances import DbInstance, HistoryEntry

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef, EventTypeDef

PAGE_SIZE = 100
"""The most that RDS lists in one call (RDS API reference, DescribeEvents)."""

KEPT_EVENTS = timedelta(days=14)
"""How far back RDS keeps events (RDS API reference, DescribeEvents)."""

_MINUTE = timedelta(minutes=1)


class RdsInstanceDirectory:
    """Describes DB instances; one client may serve several threads.

    Args:
        client: boto3's client of RDS.
    """

    def __init__(self, client: "RDSClient") -> None:
        self._client = client

    def describe(self, identifier: str) -> DbInstance:
        """Return the instance.

        Raises:
            NotFoundError: there is no such instance.
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """
        with translating(f"describing DB instance {identifier}"):
            answer = self._client.describe_db_instances(DBInstanceIdentifier=identifier)
        for described in answer["DBInstances"]:
            return _instance(described)
        raise NotFoundError(f"describing DB instance {identifier} failed: RDS lists no such instance")

    def history(self, identifier: str, looking_back: timedelta) -> tuple[HistoryEntry, ...]:
        """Return the instance's events of the last `looking_back`, oldest first; errors as `describe`.

        Args:
            identifier: The instance.
            looking_back: Rounded up to whole minutes, as RDS takes it; more than 14 days are cut to these.
        """
        minutes = max(1, -(-min(looking_back, KEPT_EVENTS) // _MINUTE))
        paginator = self._client.get_paginator("describe_events")
        with translating(f"reading the events of DB instance {identifier}"):
            pages = paginator.paginate(
                SourceIdentifier=identifier,
                SourceType="db-instance",
                Duration=minutes,
                PaginationConfig={"PageSize": PAGE_SIZE},
            )
            entries = [_entry(event) for page in pages for event in page["Events"]]
        return tuple(sorted(entries, key=lambda entry: entry.occurred_at))


def _instance(described: "DBInstanceTypeDef") -> DbInstance:
    return DbInstance(
        identifier=described["DBInstanceIdentifier"],
        arn=described["DBInstanceArn"],
        resource_id=described["DbiResourceId"],
        status=described["DBInstanceStatus"],
        multi_az=described.get("MultiAZ", False),
        availability_zone=described.get("AvailabilityZone"),
        secondary_availability_zone=described.get("SecondaryAvailabilityZone"),
        latest_restorable_time=described.get("LatestRestorableTime"),
        replica_identifiers=tuple(described.get("ReadReplicaDBInstanceIdentifiers", ())),
        tags=from_tag_list(described.get("TagList", ())),
        backup_retention_days=described.get("BackupRetentionPeriod", 0),
        allocated_storage_gib=described.get("AllocatedStorage", 0),
        # RDS names no maximum where autoscaling is off (RDS API reference, DBInstance).
        maximum_storage_gib=described.get("MaxAllocatedStorage", 0),
    )


def _entry(event: "EventTypeDef") -> HistoryEntry:
    return HistoryEntry(
        occurred_at=event["Date"],
        categories=tuple(event.get("EventCategories", ())),
        message=event.get("Message", ""),
    )
