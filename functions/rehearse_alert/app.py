"""Sees every day that alerts still arrive: sends a made-up alarm, and measures the alert that comes of it."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.sns_alerts import SnsAlertTopic, sns_client
from rds_operations.runtime.events.rehearsal import parse_rehearsal
from rds_operations.runtime.metrics import EmbeddedMetricSink, function_metrics
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.rehearse_alert import RehearseAlertSettings
from rds_operations.usecases.rehearse_alert import rehearse_alert

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = RehearseAlertSettings.from_env()
alarms = SnsAlertTopic(settings.alarms_topic_arn, sns_client(), environment=settings.environment)
metrics = function_metrics(environment=settings.environment, db_instance_identifier=settings.db_instance_identifier)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Begin a rehearsal, or take note of one that arrived."""
    response = rehearse_alert(
        parse_rehearsal(event),
        deployment=settings.deployment,
        alarms_topic_arn=settings.alarms_topic_arn,
        alarms=alarms,
        metrics=EmbeddedMetricSink(metrics),
        clock=SystemClock(),
    )
    logger.info("an alert was rehearsed", extra=response)
    return response
