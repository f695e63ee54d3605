"""Tells people about failovers and other RDS events that need them."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.bounded_enrichment import rds_enrichment
from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.sns_alerts import SnsAlertTopic, sns_client
from rds_operations.runtime.events.rds_event import parse_rds_event
from rds_operations.runtime.metrics import EmbeddedMetricSink, function_metrics
from rds_operations.runtime.observability import logger
from rds_operations.runtime.reactions import deployment_of, note_missing
from rds_operations.runtime.settings.react_to_rds_event import ReactToRdsEventSettings
from rds_operations.usecases.react_to_rds_event import react_to_rds_event

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = ReactToRdsEventSettings.from_env()
deployment = deployment_of(settings)
enrichment = rds_enrichment(note_missing)
topic = SnsAlertTopic(settings.alerts_topic_arn, sns_client(), environment=settings.environment)
metrics = function_metrics(environment=settings.environment, db_instance_identifier=settings.db_instance_identifier)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Alert people about the event, or record it."""
    reaction = react_to_rds_event(
        parse_rds_event(event),
        deployment=deployment,
        clock=SystemClock(),
        enrichment=enrichment,
        topic=topic,
        metrics=EmbeddedMetricSink(metrics),
    )
    response = reaction.as_response()
    logger.info("rds event was handled", extra=response)
    return response
