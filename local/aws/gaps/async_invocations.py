"""Asynchronous invocations by EventBridge, Scheduler and SNS: retried, then sent to the on-failure destination.

The emulator does so for its Invoke API only; from these three it runs the function once and drops a failure. And it
sends to the destination whatever the function's role may (Lambda developer guide, "Retaining records of asynchronous
invocations": the execution role needs sqs:SendMessage, sns:Publish or lambda:InvokeFunction).
"""

import json
import logging
from typing import Any

from ministack.services import eventbridge, lambda_svc, sns

from local.aws.gaps.service_permissions import INVOKE, PUBLISH, role_may, service_may_invoke
from local.aws.gaps.undelivered import keep_notification

_DESTINATION_ACTIONS = {"sqs": "sqs:SendMessage", "sns": PUBLISH, "lambda": INVOKE}
log = logging.getLogger("local.async_invocations")


def install() -> None:
    """Hand events of EventBridge, Scheduler and SNS to Lambda's asynchronous queue, and guard the way out of it."""
    eventbridge._dispatch_to_lambda = invoke_with_event
    sns._deliver_to_lambda = invoke_with_notification
    route = lambda_svc._route_async_failure

    def route_if_allowed(target_arn: str, name: str, event: dict[str, Any], result: dict[str, Any]) -> None:
        if may_send_failures(name, target_arn):
            route(target_arn, name, event, result)

    lambda_svc._route_async_failure = route_if_allowed


def invoke_with_event(function_arn: str, payload: str) -> None:
    """Invoke the function with an EventBridge or Scheduler payload."""
    _invoke(function_arn, json.loads(payload))


def invoke_with_notification(
    function_arn: str, envelope: str, topic_arn: str, subscription_arn: str, *_rest: Any
) -> None:
    """Invoke the function with one SNS notification, if its policy lets the topic; else dead-letter it."""
    if not service_may_invoke("sns.amazonaws.com", function_arn, topic_arn):
        log.warning("%s was denied %s on %s", topic_arn, INVOKE, function_arn)
        if not keep_notification(envelope, topic_arn, subscription_arn):
            log.warning("%s has no dead-letter queue that it may send to: the notification is lost", subscription_arn)
        return
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "EventSource": "aws:sns",
        "Sns": json.loads(envelope),
    }
    _invoke(function_arn, {"Records": [record]})


def may_send_failures(name: str, target_arn: str) -> bool:
    """Tell whether the function's role lets Lambda send failed events to the destination; a denial is logged."""
    role = lambda_svc._functions.get(name, {}).get("config", {}).get("Role", "")
    action = _DESTINATION_ACTIONS.get(target_arn.split(":")[2])
    if action is None or role_may(role, action, target_arn):
        return True
    log.warning("%s of %s was denied %s on %s: the failed event is lost", role, name, action, target_arn)
    return False


def _invoke(function_arn: str, event: dict[str, Any]) -> None:
    function, configuration, name = lambda_svc._get_func_record_for_ref(function_arn)
    if not function:
        raise LookupError(f"there is no function {name} for {function_arn}")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, configuration), event)
