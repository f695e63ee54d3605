"""Deletes this deployment's snapshots past their retention, never the newest good ones."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_snapshots import RdsSnapshotStore
from rds_operations.adapters.sns_alerts import optional_alert_topic
from rds_operations.runtime.events.schedule import parse_dry_run
from rds_operations.runtime.expiry_records import record_expiry, record_expiry_alert, say_what_is_off
from rds_operations.runtime.metrics import EmbeddedMetricSink, function_metrics
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.expire_snapshots import ExpireSnapshotsSettings
from rds_operations.usecases.expire_snapshots import expire_snapshots
from rds_operations.usecases.report_expiry import report_expiry

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = ExpireSnapshotsSettings.from_env()
say_what_is_off(settings)
clock = SystemClock()
store = RdsSnapshotStore(rds_client())
topic = optional_alert_topic(settings.alerts_topic_arn, environment=settings.environment)
metrics = function_metrics(environment=settings.environment, db_instance_identifier=settings.db_instance_identifier)
sink = EmbeddedMetricSink(metrics)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Delete what may go, or say what would with `dry_run`; failed deletions are in the response."""
    report = expire_snapshots(
        store=store,
        clock=clock,
        ownership=settings.ownership,
        prefix=settings.snapshot_prefix,
        policy=settings.policy,
        dry_run=parse_dry_run(event),
    )
    record_expiry(report, sink)
    told = report_expiry(report, deployment=settings.deployment, topic=topic, place=settings.place)
    record_expiry_alert(told, sink)
    return report.as_response()
