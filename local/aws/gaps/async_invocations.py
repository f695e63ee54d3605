"""Asynchronous invocations by EventBridge, Scheduler and SNS: retried, then sent to the on-failure destination.

The emulator does so for its Invoke API only; from these three it runs the function once and drops a failure.
"""

import json
from typing import Any

from ministack.services import eventbridge, lambda_svc, sns


def install() -> None:
    """Hand events of EventBridge, Scheduler and SNS to Lambda's asynchronous queue."""
    eventbridge._dispatch_to_lambda = invoke_with_event
    sns._deliver_to_lambda = invoke_with_notification


def invoke_with_event(function_arn: str, payload: str) -> None:
    """Invoke the function with an EventBridge or Scheduler payload."""
    _invoke(function_arn, json.loads(payload))


def invoke_with_notification(
    function_arn: str, envelope: str, _topic_arn: str, subscription_arn: str, *_rest: Any
) -> None:
    """Invoke the function with one SNS notification."""
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "EventSource": "aws:sns",
        "Sns": json.loads(envelope),
    }
    _invoke(function_arn, {"Records": [record]})


def _invoke(function_arn: str, event: dict[str, Any]) -> None:
    function, configuration, name = lambda_svc._get_func_record_for_ref(function_arn)
    if not function:
        raise LookupError(f"there is no function {name} for {function_arn}")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, configuration), event)
