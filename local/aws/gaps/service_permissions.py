"""What services may do: invoke a function or publish to a topic by its policy, act for a role by the role's policies.

The emulator lets EventBridge, Scheduler, SNS and CloudWatch reach every target, and Lambda every destination.
"""

import logging
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, iam, lambda_svc, sns

INVOKE = "lambda:InvokeFunction"
PUBLISH = "sns:Publish"
log = logging.getLogger("local.service_permissions")


def install() -> None:
    """Check the permission of every rule and schedule before it invokes a function."""
    invoke = eventbridge._invoke_target

    def invoke_if_allowed(target: dict[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        if rule_may_invoke(target, event, rule):
            invoke(target, event, rule, view)
        else:
            log.warning("%s was denied %s on %s: the event is lost", rule["Arn"], INVOKE, target["Arn"])

    eventbridge._invoke_target = invoke_if_allowed


def rule_may_invoke(target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule or schedule may invoke its target; targets other than functions are not checked.

    Args:
        target: The target, with the role of a schedule.
        event: What is delivered; Scheduler has its own source.
        rule: The rule or schedule.
    """
    arn = target.get("Arn", "")
    if not arn.startswith("arn:aws:lambda:"):
        return True
    if event.get("Source") == "aws.scheduler":
        return role_may(target.get("RoleArn", ""), INVOKE, arn)
    return service_may_invoke("events.amazonaws.com", arn, rule["Arn"])


def service_may_invoke(service: str, function_arn: str, source_arn: str) -> bool:
    """Tell whether the function's policy lets a service invoke it for that source."""
    found = lambda_svc.function_policy_for_arn(function_arn)
    return found is not None and _service_may(service, INVOKE, function_arn, source_arn, found[0])


def service_may_publish(service: str, topic_arn: str, source_arn: str) -> bool:
    """Tell whether the topic's policy lets a service publish to it for that source."""
    found = sns.topic_policy_for_arn(topic_arn)
    return found is not None and _service_may(service, PUBLISH, topic_arn, source_arn, found[0])


def role_may(role_arn: str, action: str, resource_arn: str) -> bool:
    """Tell whether a session of the role may do that, by its policies, its boundary and the resource's policy."""
    account, name = role_arn.split(":")[4] if role_arn else "", role_arn.rsplit("/", 1)[-1]
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
    )
    limits = tuple(iam_evaluator._permissions_boundary(iam._roles, name, account))
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account), *limits)
    found = iam_evaluator._resource_policy(action.partition(":")[0], resource_arn)
    if found is not None:
        result = iam_evaluator.combine_resource_policy(result, context, *found, limits=limits)
    return bool(result.decision == "Allow")


def _service_may(
    service: str, action: str, resource_arn: str, source_arn: str, policy: str | Mapping[str, Any]
) -> bool:
    account = get_account_id()
    # As the emulator does it for S3: the service itself calls, so that a grant to an account does not reach it.
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        service_context={
            "aws:sourcearn": source_arn,
            "aws:sourceaccount": account,
            # The default policy of a topic names the source's account by its older key.
            "aws:sourceowner": account,
        },
    )
    return bool(iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision == "Allow")
