"""Looks every hour whether the backups can be trusted, and makes the snapshot that the schedule missed."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_instances import RdsInstanceDirectory
from rds_operations.adapters.rds_snapshots import RdsSnapshotStore
from rds_operations.adapters.sns_alerts import SnsAlertTopic, sns_client
from rds_operations.runtime.backup_records import record_watch
from rds_operations.runtime.events.backup_watch import check_watch_event
from rds_operations.runtime.metrics import EmbeddedMetricSink, function_metrics
from rds_operations.runtime.observability import logger
from rds_operations.runtime.reactions import deployment_of
from rds_operations.runtime.settings.watch_backups import WatchBackupsSettings
from rds_operations.usecases.watch_backups import watch_backups

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = WatchBackupsSettings.from_env()
deployment = deployment_of(settings)
rds = rds_client()
directory = RdsInstanceDirectory(rds)
catalog = RdsSnapshotStore(rds)
topic = SnsAlertTopic(settings.alerts_topic_arn, sns_client(), environment=settings.environment)
metrics = function_metrics(environment=settings.environment, db_instance_identifier=settings.db_instance_identifier)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Measure the backups, make what is missing and tell people; fail only after all was tried."""
    check_watch_event(event)
    watch = watch_backups(
        settings.plan, deployment=deployment, directory=directory, catalog=catalog, topic=topic, clock=SystemClock()
    )
    record_watch(watch, EmbeddedMetricSink(metrics))
    watch.raise_failures()
    return watch.as_response()
