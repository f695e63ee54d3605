"""Has the database set up when CloudFormation asks: from outside the VPC, where CloudFormation can be answered."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock, SystemPause
from rds_operations.adapters.cloudformation_response import CloudFormationReplies
from rds_operations.adapters.functions import LambdaFunctions, lambda_client
from rds_operations.domain.custom_resources import CustomResourceAnswer, CustomResourceRequest
from rds_operations.runtime.custom_resources import answer_custom_resource
from rds_operations.runtime.events.custom_resource import is_rollback
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.request_database_setup import RequestDatabaseSetupSettings
from rds_operations.usecases.request_database_setup import request_database_setup

if TYPE_CHECKING:
    from datetime import timedelta

    from aws_lambda_powertools.utilities.typing import LambdaContext


def carry_out(request: CustomResourceRequest, time_left: "timedelta") -> CustomResourceAnswer:
    """Have it set up; everything is built in here, so that what is wrong can be answered."""
    if is_rollback(request):
        return CustomResourceAnswer.success("a rollback takes back nothing of what was set up")
    settings = RequestDatabaseSetupSettings.from_env()
    setup = request_database_setup(
        settings.set_up_function_name,
        functions=LambdaFunctions(lambda_client()),
        clock=SystemClock(),
        pause=SystemPause(),
        time_left=time_left,
    )
    return CustomResourceAnswer.success(f"set up, tries: {setup.tries}", setup.counts)


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer CloudFormation, whatever happens; the event holds an address that no log may show."""
    return answer_custom_resource(event, context, carry_out, CloudFormationReplies(SystemPause()))
