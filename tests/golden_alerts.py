"""One alert of each kind and of each alarm variant, with everything found out that there is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rds_operations.domain.alarm_findings import AlarmFindings, Peak
from rds_operations.domain.alarm_history import AlarmPast
from rds_operations.domain.alerts import Alert, AlertKind, Severity, alert_id
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.diagnoses import Diagnosis, DiagnosisKind
from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import DbInstance, HistoryEntry
from rds_operations.domain.metric_trends import trend
from rds_operations.runtime.events.sns_records import parse_sns_records
from rds_operations.usecases.react_to_alarm import react_to_alarm
from tests.fakes.alarm_enrichment import FakeAlarmEnrichment
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.clock import FakeClock
from tests.rds_event_world import FOUND, HISTORY, RdsEventWorld, probing
from tests.samples import sample

ENDED_AT = datetime(2026, 11, 23, 18, 25, 54, 536000, tzinfo=UTC)
DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db", "https://docs.example.com/runbooks")
STATE = Findings(
    DbInstance(
        identifier="langpont-prod-db",
        arn="arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db",
        resource_id="db-ABCDEFGHIJKL",
        status="available",
        multi_az=True,
    ),
    (HistoryEntry(datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC), ("configuration change",), "Finished class change"),),
)
STATEMENT = "SELECT * FROM translations.translation_history WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2"
DIAGNOSES = {
    DiagnosisKind.STATEMENTS: (
        f"runs now in 12 sessions, for 00:03:10 at most: {STATEMENT}",
        f"81.4 % of all time: 91213 calls, 42.1 ms each: {STATEMENT}",
    ),
    DiagnosisKind.CONNECTIONS: (
        "257 of 300 connections are in use",
        "langpont_app, idle: 231, for 00:41:07 at most",
        "langpont_app, active: 26, for 00:00:02 at most",
    ),
    DiagnosisKind.REPLICATION: (
        "write-ahead log: 12 MB a second",
        "rds_replica_1: streaming, 1204 MB behind, 00:04:10.31 late",
        "slot rds_replica_1: in use, keeps 1310 MB of the log (reserved)",
    ),
}
VALUES: Mapping[str, Sequence[float]] = {
    "CPUUtilization": [21.5, 22, 20.3, 60.25, 93.1],
    "DatabaseConnections": [41, 44, 90, 210, 257],
}
COMMAND = (
    "aws rds describe-db-instances --region ap-northeast-1 --db-instance-identifier langpont-prod-db"
    " --query 'DBInstances[0].DBInstanceStatus'"
)
FAILOVER = Alert(
    id=alert_id("langpont-prod-db", "RDS-EVENT-0013", "2026-11-23T18:00:00.120Z"),
    kind=AlertKind.FAILOVER,
    severity=Severity.CRITICAL,
    title="Multi-AZ failover started",
    resource="langpont-prod-db",
    environment="prod",
    occurred_at=datetime(2026, 11, 23, 18, tzinfo=UTC),
    summary="Writes fail until the standby has taken over, usually within one to two minutes.",
    facts={"instance_status": "failing-over", "replicas": {"langpont-prod-replica-1": "available"}},
    actions=(
        "Wait for the alert of the completion.",
        f"Look at the instance:\n{COMMAND}",
    ),
    links=DEPLOYMENT.runbook_link("failover"),
    source={"type": "aws.rds", "id": "RDS-EVENT-0013"},
)
EVENT = replace(
    FAILOVER,
    id=alert_id("langpont-prod-db", "RDS-EVENT-0007", "2026-11-23T18:00:00.120Z"),
    kind=AlertKind.EVENT,
    title="The storage is full",
    summary="The database stops, for reading too, until it has more storage.",
    facts={"rds_message": "The allocated storage is exhausted.", "writable": None, "writable_note": "not probed"},
    links=DEPLOYMENT.runbook_link("storage-low"),
)
REPORT = replace(
    FAILOVER,
    id=alert_id("expire_snapshots", "2026-11-23T18:30:00Z"),
    kind=AlertKind.REPORT,
    severity=Severity.INFO,
    title="2 snapshots deleted, 31 kept",
    summary="Snapshots past their retention were deleted; nothing failed.",
    facts={"deleted": ["langpont-manual-20261022-180000", "langpont-manual-20261023-180000"]},
    actions=(),
    links={},
)
FLAPPING = AlarmPast(ENDED_AT - timedelta(minutes=4), 7)
DRILLED = {
    "drill-since": "2026-11-23T17:50:00Z",
    "drill-until": "2026-11-23T18:20:00Z",
    "drill-report": "https://reports.example.com/drills/2026-11-23.html",
}
PEAKS = {
    "metric_ok": {"langpont-prod-rds-cpu-high": Peak("CPUUtilization", 93.14)},
    "composite_ok": {"langpont-prod-replica-lag-1": Peak("ReplicaLag", 412.0)},
}
_KINDS = {
    "metric_alarm": (DiagnosisKind.STATEMENTS,),
    "metric_math": (DiagnosisKind.CONNECTIONS,),
    "composite": (DiagnosisKind.REPLICATION,),
}
_ALARMS = (
    *("metric_alarm", "metric_math", "composite", "metric_ok", "data_are_back", "insufficient_data"),
    *("anomaly", "percentile", "composite_with_suppressor", "composite_ok", "legacy"),
)


def golden_alerts() -> Mapping[str, Alert]:
    """Return every alert by the name of its files."""
    alarms = {name: _alarm(name, _findings(name)) for name in _ALARMS}
    return alarms | {
        "alarm_without_enrichment": _alarm("metric_alarm", AlarmFindings(unavailable=("describing it took 5 s",))),
        "flapping": _alarm("metric_ok", replace(_findings("metric_ok"), past=FLAPPING)),
        "failover": FAILOVER,
        "drill": replace(FAILOVER, title=f"[DRILL] {FAILOVER.title}"),
        "event": EVENT,
        "report": REPORT,
        "drill_passed": _event("drill_report"),
        "failover_completed": _event("failover_completed"),
        "failover_drilled": _event("failover_completed", Tags=DRILLED),
        "failover_overdue": _event("follow_up_of_a_start"),
        "failover_followed_up": _event("follow_up_of_a_completion"),
        "snapshot_event": _event("identifier_0190"),
        "unknown_event": _event("unknown_identifier"),
    }


def _event(name: str, **detail: object) -> Alert:
    """Return the alert of a sample event, in a world in which the history tells of no completion to a mere start."""
    history = HISTORY[:2] if name == "follow_up_of_a_start" else HISTORY
    world = RdsEventWorld(replace(FOUND, history=history), probe=probing())
    event = sample("react_to_rds_event", name)
    event.get("detail", {}).update(detail)
    world.respond(event)
    [alert] = world.topic.published
    return alert


def _findings(name: str) -> AlarmFindings:
    return AlarmFindings(
        STATE,
        maintenance=("system-update: New Operating System update is available, opted in: next-maintenance",),
        diagnoses=tuple(Diagnosis(kind, DIAGNOSES[kind]) for kind in _KINDS.get(name, ())),
        trends={metric: trend(metric, values) for metric, values in VALUES.items()},
        past=AlarmPast(ENDED_AT - timedelta(minutes=15) if name in PEAKS else None, 1),
        peaks=PEAKS.get(name, {}),
    )


def _alarm(name: str, findings: AlarmFindings) -> Alert:
    topic = FakeAlertTopic()
    instances = dict.fromkeys(("langpont-prod-db", "langpont-prod-replica-1"), findings)
    react_to_alarm(
        parse_sns_records(sample("react_to_alarm", name)),
        deployment=DEPLOYMENT,
        clock=FakeClock(ENDED_AT),
        enrichment=FakeAlarmEnrichment(instances),
        topic=topic,
    )
    [alert] = topic.published
    return alert
