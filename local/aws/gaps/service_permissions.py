"""What services may do: reach a target by its policy and its key, act for a role by the role's trust and policies.

The emulator lets EventBridge, Scheduler, SNS and CloudWatch reach every target, and Lambda every destination.
"""

import logging
from collections.abc import Mapping
from typing import Any

from ministack.services import eventbridge, iam, lambda_svc, sns, sqs

from local.aws.gaps.message_keys import obstacle_to_principal, service_may_use_key
from local.aws.gaps.undelivered import keep_event
from local.aws.judgement import principal_may, service_may, session_of

INVOKE = "lambda:InvokeFunction"
PUBLISH = "sns:Publish"
SEND = "sqs:SendMessage"
RULES, SCHEDULER = "events.amazonaws.com", "scheduler.amazonaws.com"
_ACTIONS = {"lambda": INVOKE, "sns": PUBLISH, "sqs": SEND}
log = logging.getLogger("local.service_permissions")


def install() -> None:
    """Check the permission of every rule and schedule before it reaches its target; what is denied is dead-lettered."""
    invoke = eventbridge._invoke_target

    def invoke_if_allowed(target: dict[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        if rule_may_reach(target["Arn"], target, event, rule):
            invoke(target, event, rule, view)
            return
        log.warning("%s was denied %s on %s", rule["Arn"], _action(target["Arn"]), target["Arn"])
        queue = target.get("DeadLetterConfig", {}).get("Arn", "")
        if queue and rule_may_reach(queue, target, event, rule):
            keep_event(queue, target, event, rule)
        else:
            log.warning("%s has no dead-letter queue that it may send to: the event is lost", rule["Arn"])

    eventbridge._invoke_target = invoke_if_allowed


def rule_may_reach(arn: str, target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule or schedule may send its event to a function, topic or queue; others are not checked.

    Args:
        arn: Where to: the target, or its dead-letter queue.
        target: The target, with the role of a schedule; a rule may have one.
        event: What is delivered; Scheduler has its own source.
        rule: The rule or schedule.
    """
    action = _action(arn)
    if action is None:
        return True
    role = target.get("RoleArn", "")
    if event.get("Source") == "aws.scheduler":
        return service_may_assume(SCHEDULER, role, _group_of(rule["Arn"])) and role_may(role, action, arn)
    if role and arn == target["Arn"]:
        return service_may_assume(RULES, role, rule["Arn"]) and role_may(role, action, arn)
    allowed = {INVOKE: service_may_invoke, PUBLISH: service_may_publish, SEND: service_may_send}[action]
    return allowed(RULES, arn, rule["Arn"])


def service_may_invoke(service: str, function_arn: str, source_arn: str) -> bool:
    """Tell whether the function's policy lets a service invoke it for that source."""
    found = lambda_svc.function_policy_for_arn(function_arn)
    return found is not None and service_may(service, INVOKE, function_arn, source_arn, found[0])


def service_may_publish(service: str, topic_arn: str, source_arn: str) -> bool:
    """Tell whether the topic's policy and its key let a service publish to it for that source."""
    found = sns.topic_policy_for_arn(topic_arn)
    allowed = found is not None and service_may(service, PUBLISH, topic_arn, source_arn, found[0])
    return allowed and service_may_use_key(service, PUBLISH, topic_arn, source_arn)


def service_may_send(service: str, queue_arn: str, source_arn: str) -> bool:
    """Tell whether the queue's policy and its key let a service send to it for that source."""
    found = sqs.queue_policy_for_arn(queue_arn)
    allowed = found is not None and service_may(service, SEND, queue_arn, source_arn, found[0])
    return allowed and service_may_use_key(service, SEND, queue_arn, source_arn)


def service_may_assume(service: str, role_arn: str, source_arn: str) -> bool:
    """Tell whether the role's trust policy lets a service act for it, for that source."""
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1]) or {}
    trust = role.get("AssumeRolePolicyDocument") or "{}"
    allowed = service_may(service, "sts:AssumeRole", role_arn, source_arn, trust)
    if not allowed:
        log.warning("%s for %s was denied sts:AssumeRole on %s", service, source_arn, role_arn)
    return allowed


def role_may(role_arn: str, action: str, resource_arn: str) -> bool:
    """Tell whether a session of the role may do that, by its policies and boundary, the resource's policy and key."""
    session = session_of(role_arn)
    if not principal_may(session, action, resource_arn):
        return False
    obstacle = obstacle_to_principal(session, action, resource_arn)
    if obstacle:
        log.warning("%s was denied %s of %s", role_arn, obstacle, resource_arn)
    return not obstacle


def _action(arn: str) -> str | None:
    return _ACTIONS.get(arn.split(":")[2])


def _group_of(schedule_arn: str) -> str:
    """A schedule's role is assumed for its group (Scheduler user guide, "Confused deputy prevention")."""
    beginning, _, group_and_name = schedule_arn.partition(":schedule/")
    return f"{beginning}:schedule-group/{group_and_name.partition('/')[0]}"
