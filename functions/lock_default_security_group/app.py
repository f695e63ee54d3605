"""Takes every rule from the default security group of the VPC when CloudFormation has made it."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemPause
from rds_operations.adapters.cloudformation_response import CloudFormationReplies
from rds_operations.adapters.security_groups import Ec2SecurityGroups, ec2_client
from rds_operations.domain.custom_resources import CustomResourceAnswer, CustomResourceRequest, RequestType
from rds_operations.runtime.custom_resources import answer_custom_resource
from rds_operations.runtime.events.custom_resource import parse_group_to_lock
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.lock_default_security_group import LockDefaultSecurityGroupSettings
from rds_operations.usecases.lock_default_security_group import lock_default_security_group

if TYPE_CHECKING:
    from datetime import timedelta

    from aws_lambda_powertools.utilities.typing import LambdaContext


def carry_out(request: CustomResourceRequest, time_left: "timedelta") -> CustomResourceAnswer:  # noqa: ARG001 - one call
    """Lock the group; everything is built in here, so that what is wrong can be answered."""
    LockDefaultSecurityGroupSettings.from_env()
    lock = lock_default_security_group(
        parse_group_to_lock(request),
        is_new=request.request_type is RequestType.CREATE,
        groups=Ec2SecurityGroups(ec2_client()),
        pause=SystemPause(),
    )
    return CustomResourceAnswer.success(f"{lock.group_id} has no rules", lock.as_data())


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer CloudFormation, whatever happens; the event holds an address that no log may show."""
    return answer_custom_resource(event, context, carry_out, CloudFormationReplies(SystemPause()))
