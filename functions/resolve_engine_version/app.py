"""Tells CloudFormation the newer of the wanted and the running engine version, so that no deployment goes back."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemPause
from rds_operations.adapters.cloudformation_response import CloudFormationReplies
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_engines import RdsEngines
from rds_operations.domain.custom_resources import CustomResourceAnswer, CustomResourceRequest
from rds_operations.runtime.custom_resources import answer_custom_resource
from rds_operations.runtime.events.custom_resource import parse_version_wish
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.resolve_engine_version import ResolveEngineVersionSettings
from rds_operations.usecases.resolve_engine_version import resolve_engine_version

if TYPE_CHECKING:
    from datetime import timedelta

    from aws_lambda_powertools.utilities.typing import LambdaContext


def carry_out(request: CustomResourceRequest, time_left: "timedelta") -> CustomResourceAnswer:  # noqa: ARG001 - one call
    """Find the version; everything is built in here, so that what is wrong can be answered."""
    settings = ResolveEngineVersionSettings.from_env()
    decision = resolve_engine_version(
        parse_version_wish(request),
        db_instance_identifier=settings.db_instance_identifier,
        engines=RdsEngines(rds_client()),
    )
    return CustomResourceAnswer.success(decision.reason, {"EngineVersion": str(decision.version)})


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer CloudFormation, whatever happens; the event holds an address that no log may show."""
    return answer_custom_resource(event, context, carry_out, CloudFormationReplies(SystemPause()))
