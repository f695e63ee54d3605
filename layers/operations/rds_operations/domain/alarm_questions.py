"""What there is to find out about an alarm, by the stem of its name: the one place where that is decided."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from rds_operations.domain.alarm_children import children_of
from rds_operations.domain.alarms import AlarmNotification, AlarmState
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.diagnoses import DiagnosisKind
from rds_operations.domain.findings import RECENT_PERIOD, history_span
from rds_operations.domain.metric_trends import INSTANCE_DIMENSION, MetricQuestion
from rds_operations.domain.rehearsals import REHEARSAL_STEM

_LOAD = ("CPUUtilization", "DBLoad", "DatabaseConnections", "ReadIOPS", "WriteIOPS")
_MEMORY = ("FreeableMemory", "SwapUsage", "DatabaseConnections")
_DISK = ("FreeStorageSpace", "TransactionLogsDiskUsage", "OldestReplicationSlotLag", "WriteIOPS")
_STORAGE_SPEED = ("ReadLatency", "WriteLatency", "ReadIOPS", "WriteIOPS", "DiskQueueDepth")
_REPLICA = ("ReplicaLag", "CPUUtilization", "WriteIOPS", "DatabaseConnections")
_IDS = ("MaximumUsedTransactionIDs", "CPUUtilization", "WriteIOPS")
_AS_A_WHOLE = ("CPUUtilization", "DatabaseConnections", "FreeableMemory", "FreeStorageSpace")

# `arn:<partition>:cloudwatch:<region>:<account>:alarm:<name>`
_RDS = re.compile(r"^(arn:[^:]*:)cloudwatch((?::[^:]*){2}).*$", re.DOTALL)
_K = DiagnosisKind


@dataclass(frozen=True, slots=True)
class _Topic:
    metrics: tuple[str, ...] = _AS_A_WHOLE
    diagnoses: tuple[DiagnosisKind, ...] = ()


TOPICS: Mapping[str, _Topic] = MappingProxyType(
    {
        REHEARSAL_STEM: _Topic(_AS_A_WHOLE, (_K.CONNECTIONS,)),
        "rds-cpu-high": _Topic(_LOAD, (_K.STATEMENTS,)),
        "db-load-high": _Topic(_LOAD, (_K.STATEMENTS, _K.LOCKS)),
        "cpu-credits-low": _Topic(("CPUCreditBalance", *_LOAD), (_K.STATEMENTS,)),
        "connections-high": _Topic(_LOAD, (_K.CONNECTIONS,)),
        "database-overloaded": _Topic(_LOAD, (_K.CONNECTIONS, _K.LOCKS)),
        "memory-low": _Topic(_MEMORY, (_K.CONNECTIONS,)),
        "swap-growing": _Topic(_MEMORY, (_K.CONNECTIONS,)),
        "storage-low": _Topic(_DISK, (_K.STORAGE,)),
        "storage-autoscaling-near-maximum": _Topic(_DISK, (_K.STORAGE,)),
        "transaction-logs-large": _Topic(_DISK, (_K.REPLICATION,)),
        "read-latency-high": _Topic(_STORAGE_SPEED, (_K.STATEMENTS,)),
        "write-latency-high": _Topic(_STORAGE_SPEED, (_K.STATEMENTS,)),
        "ebs-byte-balance-low": _Topic(("EBSByteBalance%", *_STORAGE_SPEED), (_K.STATEMENTS,)),
        "ebs-io-balance-low": _Topic(("EBSIOBalance%", *_STORAGE_SPEED), (_K.STATEMENTS,)),
        "transaction-ids-high": _Topic(_IDS, (_K.TRANSACTION_IDS,)),
        "transaction-ids-critical": _Topic(_IDS, (_K.TRANSACTION_IDS,)),
        "replica-lag": _Topic(_REPLICA, (_K.REPLICATION, _K.REPLAY)),
        "replica-lag-long": _Topic(_REPLICA, (_K.REPLICATION, _K.REPLAY)),
        "replica-bytes-behind": _Topic(_REPLICA, (_K.REPLICATION, _K.REPLAY)),
        "replica-behind": _Topic(_REPLICA, (_K.REPLICATION, _K.REPLAY)),
        "replication-slot-lag-high": _Topic(_DISK, (_K.REPLICATION,)),
    }
)
"""By the alarm's stem (monitoring/alarms.yaml); an alarm that is not here is asked about as a whole."""

# How far the replicas are is for the primary to say, and only a replica applies its log. All else is asked of the
# server that the alarm is about.
_OF_THE_PRIMARY = frozenset({DiagnosisKind.REPLICATION})
_OF_A_REPLICA = frozenset({DiagnosisKind.REPLAY})


@dataclass(frozen=True, slots=True)
class DiagnosisQuestion:
    """One question to one server.

    Args:
        kind: What to ask.
        server: Its DB instance identifier; empty for the primary.
    """

    kind: DiagnosisKind
    server: str = ""

    def as_event(self) -> Mapping[str, object]:
        """Return what probe_database is sent."""
        return {"diagnosis": self.kind.value} | ({"server": self.server} if self.server else {})


@dataclass(frozen=True, slots=True)
class AlarmQuestions:
    """Everything that there is to find out.

    Args:
        alarm: What changed.
        instance: The instance to look at.
        instance_arn: Its ARN, which is of the alarm's account and region.
        looking_back: How far back from now the instance's events have to reach.
        trend_since: Where the trends begin, in UTC.
        metrics: The metrics that belong to the alarm.
        diagnoses: What to ask which server.
        children: At its end, the alarms of a composite one.
    """

    alarm: AlarmNotification
    instance: str
    instance_arn: str
    looking_back: timedelta
    trend_since: datetime
    metrics: tuple[MetricQuestion, ...] = ()
    diagnoses: tuple[DiagnosisQuestion, ...] = ()
    children: tuple[str, ...] = ()


def alarm_questions(alarm: AlarmNotification, instance: str, deployment: Deployment, now: datetime) -> AlarmQuestions:
    """Return what to find out.

    1. Only an alarm that is on is diagnosed: of one that is over the cause may be gone, and of one without data the
       database is not known to have any.
    2. Of a replica the primary tells how far it is; all else is asked of the replica itself.

    Args:
        alarm: What changed.
        instance: The instance that it is about.
        deployment: Knows the primary and the names of alarms.
        now: The current time in UTC.
    """
    topic = TOPICS.get(deployment.alarm_stem(alarm.name), _Topic())
    return AlarmQuestions(
        alarm=alarm,
        instance=instance,
        instance_arn=f"{_RDS.sub(r'\1rds\2', alarm.arn)}:db:{instance}",
        looking_back=history_span(now, alarm.changed_at),
        trend_since=alarm.changed_at - RECENT_PERIOD,
        metrics=tuple(MetricQuestion(name, ((INSTANCE_DIMENSION, instance),)) for name in topic.metrics),
        diagnoses=_diagnoses(topic, alarm, "" if instance == deployment.db_instance_identifier else instance),
        children=children_of(alarm.rule) if alarm.state is AlarmState.OK else (),
    )


def _diagnoses(topic: _Topic, alarm: AlarmNotification, replica: str) -> tuple[DiagnosisQuestion, ...]:
    kinds = topic.diagnoses if alarm.state is AlarmState.ALARM else ()
    return tuple(
        DiagnosisQuestion(kind, "" if kind in _OF_THE_PRIMARY else replica)
        for kind in kinds
        if replica or kind not in _OF_A_REPLICA
    )
