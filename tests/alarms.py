"""The alarms as CloudFormation would make them, and the tables that they are generated from."""

from dataclasses import replace
from functools import cache
from typing import Any

from generators.alarm_rows import Alarm
from generators.alarm_tables import load_alarm_tables
from rds_operations.domain.backups import figures
from rds_operations.domain.metric_queries import DURATION_METRIC, FAILURES_METRIC, UP_METRIC
from rds_operations.domain.rehearsals import DELAY_METRIC
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.backups import PLAN, WELL, hours_old, seen
from tests.stack_plan import root
from tests.templates import ROOT

TABLES = load_alarm_tables(ROOT)
ROWS = {alarm.stem: alarm for alarm in TABLES.alarms}
TWO_REPLICAS = (("ReplicaCount", "2"),)
EXISTING = (
    ("ReplicaCount", "0"),
    ("ExistingDBInstanceIdentifier", "orders"),
    ("ExistingDBEndpoint", "orders.example.com"),
    ("ExistingDBResourceId", "db-ORDERS"),
    ("ExistingDBSecurityGroupId", "sg-1"),
    ("VpcId", "vpc-1"),
    ("PrivateSubnetIds", "subnet-1,subnet-2,subnet-3"),
)
GROWING = replace(WELL, allocated_storage_gib=100, maximum_storage_gib=1000)
# Amazon RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS" and "… for Performance Insights".
RDS_METRICS = {
    *("CPUUtilization", "DatabaseConnections", "DBLoadRelativeToNumVCPUs", "CPUCreditBalance", "FreeableMemory"),
    *("SwapUsage", "FreeStorageSpace", "ReadLatency", "ReadIOPS", "WriteLatency", "WriteIOPS", "EBSByteBalance%"),
    *("EBSIOBalance%", "TransactionLogsDiskUsage", "TransactionLogsGeneration", "MaximumUsedTransactionIDs"),
    *("ReplicaLag", "OldestReplicationSlotLag"),
}
# What runtime/expiry_records.py counts.
EXPIRY_COUNTS = {"snapshot_deletions_failed", "snapshot_expiry_refused", "snapshot_expiry_reports_failed"}
OURS = {*figures(seen(hours_old("new", 1), of=GROWING), PLAN), *EXPIRY_COUNTS}
# Without further dimensions: an alarm names a metric with all that it has.
SQL_METRICS = {
    query.name for query in load_metric_queries(ROOT / "functions/push_metrics/queries") if not query.dimensions
}
METRICS = {
    "AWS/RDS": RDS_METRICS,
    "LangPont/RDS": {*OURS, *SQL_METRICS, UP_METRIC, DURATION_METRIC, FAILURES_METRIC, DELAY_METRIC},
    "AWS/Lambda": {"Errors", "Throttles"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
    "AWS/SNS": {
        *("NumberOfNotificationsFailed", "NumberOfNotificationsFilteredOut-InvalidAttributes"),
        *("NumberOfNotificationsRedrivenToDlq", "NumberOfNotificationsFailedToRedriveToDlq"),
    },
    "AWS/Events": {"FailedInvocations", "InvocationsFailedToBeSentToDlq", "InvocationsSentToDlq"},
    "AWS/Scheduler": {
        *("TargetErrorCount", "InvocationDroppedCount", "InvocationsSentToDeadLetterCount"),
        "InvocationsFailedToBeSentToDeadLetterCount",
    },
}
DIMENSIONS = {
    "AWS/RDS": {"DBInstanceIdentifier"},
    "LangPont/RDS": {"DBInstanceIdentifier", "Environment"},
    "AWS/Lambda": {"FunctionName"},
    "AWS/SQS": {"QueueName"},
    "AWS/SNS": {"TopicName"},
    "AWS/Events": {"RuleName"},
    "AWS/Scheduler": {"ScheduleGroup"},
}

type Made = dict[str, Any]


@cache
def made(*parameters: tuple[str, str]) -> dict[str, Made]:
    """Return the properties of every alarm of a deployment with these parameters, by name."""
    stack = root(**dict(parameters))
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    found = [properties for kind in kinds for _, properties in stack.made(kind)]
    names = [properties["AlarmName"] for properties in found]

    assert len(names) == len(set(names))
    return dict(zip(names, found, strict=True))


def row_of(name: str) -> Alarm:
    """Return the row that an alarm is made from: the one with the longest stem that its name begins with."""
    rest = name.split("-", 2)[2]
    return max((row for stem, row in ROWS.items() if f"{rest}-".startswith(f"{stem}-")), key=lambda row: len(row.stem))


def metrics(alarm: Made) -> list[Made]:
    """Return the metrics of an alarm, each with namespace, name and dimensions; none of a composite."""
    if "MetricName" in alarm:
        return [alarm]
    return [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]


def dimensions(metric: Made) -> dict[str, str]:
    """Return a metric's dimensions by name."""
    return {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
