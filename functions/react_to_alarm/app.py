"""Turns alarms into alerts that a person can act on, and passes on what is no alarm."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.alarm_enrichment import alarm_enrichment
from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.sns_chat import alert_topic
from rds_operations.runtime.events.sns_records import parse_sns_records
from rds_operations.runtime.observability import logger
from rds_operations.runtime.reactions import deployment_of, note_missing, probe_of
from rds_operations.runtime.settings.react_to_alarm import ReactToAlarmSettings
from rds_operations.usecases.react_to_alarm import react_to_alarm

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = ReactToAlarmSettings.from_env()
deployment = deployment_of(settings)
enrichment = alarm_enrichment(probe_of(settings), note_missing)
topic = alert_topic(settings.alerts_topic_arn, settings.chat_topic_arn, environment=settings.environment)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Publish one alert per alarm and pass on the rest; fail only after all were tried."""
    response = react_to_alarm(
        parse_sns_records(event), deployment=deployment, clock=SystemClock(), enrichment=enrichment, topic=topic
    )
    logger.info("alarm records were handled", extra=response)
    return response
