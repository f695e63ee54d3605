"""What a drill asks of AWS: the situation before it, the failover, and what RDS and the reaction told of it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from local.drill.conditions import ReplicaSeen, Situation
from local.drill.forced import NothingForcedError
from local.drill.notices import Notices
from local.drill.probe_function import PROBE_TIMEOUT_SECONDS, ProbeFunction
from local.errors import LocalError
from local.redrive.places import Place
from local.redrive.queues import deployed_resources, in_words

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

PROBE, REACT = "ProbeDatabaseFunction", "ReactToRdsEventFunction"
FAILOVER = "failover"
# RDS User Guide, "Amazon RDS event categories and event messages": what ends a failover to the other zone.
COMPLETIONS = frozenset({"RDS-EVENT-0015", "RDS-EVENT-0049"})
HISTORY_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Names:
    """What the stack calls things."""

    instance: str
    project: str
    environment: str
    probe: str
    reaction_log: str


class DrilledDeployment:
    """A deployment on AWS, or on the embedded one.

    Args:
        place: Where it is, and whose rights are used.

    Raises:
        LocalError: there is no such deployment, or AWS could not be asked.
    """

    def __init__(self, place: Place) -> None:
        def client(service: str, config: Config | None = None) -> Any:
            session: Any = place.session
            return session.client(service, endpoint_url=place.endpoint_url, config=config)

        once = Config(read_timeout=PROBE_TIMEOUT_SECONDS, retries={"mode": "standard", "total_max_attempts": 1})
        self._rds: RDSClient = client("rds")
        self._rds_once: RDSClient = client("rds", once)
        self._cloudwatch: CloudWatchClient = client("cloudwatch")
        self._logs: CloudWatchLogsClient = client("logs")
        with in_words(f"looking into stack {place.stack_name}"):
            self._names = _names(client("cloudformation"), place.stack_name)
        self.database = ProbeFunction(client("lambda", once), self._names.probe)
        with in_words(f"describing {self.instance} and its replicas"):
            self.notices = Notices(self._rds, client("events"), self.instance, self._arns())

    @property
    def instance(self) -> str:
        """The primary's identifier."""
        return self._names.instance

    @property
    def environment(self) -> str:
        """The deployment's `Environment`: dev, staging or prod."""
        return self._names.environment

    def situation(self) -> Situation:
        """Return what is to be known before a failover is forced.

        Raises:
            LocalError: AWS could not be asked.
        """
        answer = self.database.look()
        with in_words("asking AWS for the situation"):
            described = self._described()
            return Situation(
                instance=self.instance,
                environment=self.environment,
                status=described["DBInstanceStatus"],
                is_multi_az=described.get("MultiAZ", False),
                is_writable=answer.is_writable,
                pending=_pending(described),
                expected_replicas=tuple(described.get("ReadReplicaDBInstanceIdentifiers", [])),
                replicas=(*answer.replicas, *self._replicas_as_rds_sees_them(described)),
                restorable_until=described.get("LatestRestorableTime"),
                newest_snapshot_at=self._newest_snapshot_at(),
                alarms_on=self._alarms_on(),
            )

    def force_failover(self) -> None:
        """Ask RDS for a failover, once: a repetition would force another, or hide that the first was taken.

        Raises:
            NothingForcedError: RDS refused.
            LocalError: there was no answer; it may come.
        """
        with in_words(f"forcing a failover of {self.instance}"):
            try:
                self._rds_once.reboot_db_instance(DBInstanceIdentifier=self.instance, ForceFailover=True)
            except ClientError as refusal:
                raise NothingForcedError(f"nothing was forced: RDS refused it: {refusal}") from refusal

    def is_available(self) -> bool:
        """Tell whether RDS calls the instance available; errors as `situation`."""
        with in_words(f"describing {self.instance}"):
            return self._described()["DBInstanceStatus"] == "available"

    def failover_told_at(self, since: datetime) -> list[datetime]:
        """Return when RDS's history has events of a failover since a moment, oldest first; errors as `situation`.

        The history has no identifiers: the first is the start, and the last the completion, of the only failover.
        """
        with in_words(f"reading the events of {self.instance}"):
            pages = self._rds.get_paginator("describe_events").paginate(
                SourceIdentifier=self.instance, SourceType="db-instance", StartTime=since, EventCategories=[FAILOVER]
            )
            return sorted(event["Date"] for page in pages for event in page["Events"] if event["Date"] >= since)

    def alerted_at(self, since: datetime) -> datetime | None:
        """Return when the reaction logged that it alerted of a completion since a moment; errors as `situation`."""
        with in_words("reading the log of the reaction"):
            pages = self._logs.get_paginator("filter_log_events").paginate(
                logGroupName=self._names.reaction_log, startTime=_milliseconds(since)
            )
            records = ((_record(event["message"]), event["timestamp"]) for page in pages for event in page["events"])
            told = (at for record, at in records if _tells_completion(record) and at >= _milliseconds(since))
            first = min(told, default=None)
        return None if first is None else datetime.fromtimestamp(first / 1000, UTC)

    def _arns(self) -> list[str]:
        described = self._described()
        replicas = described.get("ReadReplicaDBInstanceIdentifiers", [])
        found = (self._rds.describe_db_instances(DBInstanceIdentifier=each)["DBInstances"][0] for each in replicas)
        return [described["DBInstanceArn"], *(replica["DBInstanceArn"] for replica in found)]

    def _described(self) -> "DBInstanceTypeDef":
        return self._rds.describe_db_instances(DBInstanceIdentifier=self.instance)["DBInstances"][0]

    def _replicas_as_rds_sees_them(self, described: "DBInstanceTypeDef") -> tuple[ReplicaSeen, ...]:
        found = []
        for identifier in described.get("ReadReplicaDBInstanceIdentifiers", []):
            replica = self._rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
            found += [
                ReplicaSeen(identifier, info.get("Status", "unknown"))
                for info in replica.get("StatusInfos", [])
                if info.get("StatusType") == "read replication"
            ]
        return tuple(found)

    def _newest_snapshot_at(self) -> datetime | None:
        pages = self._rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=self.instance)
        snapshots = (snapshot for page in pages for snapshot in page["DBSnapshots"])
        good = (one["SnapshotCreateTime"] for one in snapshots if one["Status"] == "available")
        return max(good, default=None)

    def _alarms_on(self) -> tuple[str, ...]:
        prefix = f"{self._names.project}-{self.environment}-"
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=prefix, StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        kinds = ((page.get("MetricAlarms", []), page.get("CompositeAlarms", [])) for page in pages)
        return tuple(sorted(alarm["AlarmName"] for both in kinds for alarms in both for alarm in alarms))


def _names(cloudformation: Any, stack_name: str) -> _Names:
    (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    physical_ids = deployed_resources(cloudformation, stack_name)
    wanted = (PROBE, "ReactToRdsEventLogGroup")
    missing = [name for name in wanted if name not in physical_ids]
    missing += [name for name in ("ProjectName", "Environment") if not parameters.get(name)]
    if missing or "DBInstanceIdentifier" not in outputs:
        raise LocalError(f"stack {stack_name} has no {', '.join(missing) or 'output DBInstanceIdentifier'}")
    return _Names(
        instance=outputs["DBInstanceIdentifier"],
        project=parameters["ProjectName"],
        environment=parameters["Environment"],
        probe=physical_ids[PROBE],
        reaction_log=physical_ids["ReactToRdsEventLogGroup"],
    )


def _pending(described: "DBInstanceTypeDef") -> tuple[str, ...]:
    groups = (
        group.get("DBParameterGroupName", "parameter group")
        for group in described.get("DBParameterGroups", [])
        if group.get("ParameterApplyStatus") == "pending-reboot"
    )
    return (*sorted(described.get("PendingModifiedValues", {})), *groups)


def _record(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tells_completion(record: dict[str, Any]) -> bool:
    """Tell whether a record is the reaction's answer to a completed failover (contracts, react_to_rds_event)."""
    return record.get("action") == "alerted" and record.get("event_id") in COMPLETIONS


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
