"""Tells people about failovers and other RDS events that need them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rds_operations.adapters.bounded_enrichment import rds_enrichment
from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.database_probe import optional_prompt_probe
from rds_operations.adapters.scheduled_follow_ups import FollowUpSchedules
from rds_operations.adapters.sns_chat import alert_topic
from rds_operations.runtime.events.follow_up import parse_occurrence
from rds_operations.runtime.metrics import EmbeddedMetricSink, function_metrics
from rds_operations.runtime.observability import logger
from rds_operations.runtime.reactions import deployment_of, note_missing
from rds_operations.runtime.settings.react_to_rds_event import ReactToRdsEventSettings
from rds_operations.usecases.follow_up_failover import react
from rds_operations.usecases.react_to_rds_event import ReactionMeans

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = ReactToRdsEventSettings.from_env()
deployment = deployment_of(settings)
schedules = FollowUpSchedules(
    settings.follow_up_group, role_arn=settings.follow_up_role_arn, queue_arn=settings.follow_up_queue_arn
)
metrics = function_metrics(environment=settings.environment, db_instance_identifier=settings.db_instance_identifier)
means = ReactionMeans(
    clock=SystemClock(),
    enrichment=rds_enrichment(note_missing),
    topic=alert_topic(settings.alerts_topic_arn, settings.chat_topic_arn, environment=settings.environment),
    metrics=EmbeddedMetricSink(metrics),
    probe=optional_prompt_probe(settings.probe_function_name, note_missing),
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Alert people about the event, or record it; take the second look that was remembered."""
    with_schedules = replace(means, follow_ups=schedules.of_function(context.invoked_function_arn))
    reaction = react(parse_occurrence(event), deployment=deployment, plan=settings.plan, means=with_schedules)
    response = reaction.as_response()
    logger.info("rds event was handled", extra=response)
    return response
