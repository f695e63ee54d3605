"""Topics and queues encrypted by a key: who sends or reads needs the key, too, by its policy.

The emulator stores the key's name and never asks the key. SQS and SNS developer guides, key management: sending takes
kms:GenerateDataKey and kms:Decrypt, reading kms:Decrypt; a service needs them from the key's policy itself, and
EventBridge does not tell KMS for what it asks: a statement with a condition on the source never serves it.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import kms, sns, sqs
from ministack.services.cloudformation import provisioners

from local.aws.judgement import principal_may, service_may

_SEND, _PUBLISH = "sqs:SendMessage", "sns:Publish"
_SENDING = ("kms:GenerateDataKey", "kms:Decrypt")
_NEEDED = {_PUBLISH: _SENDING, _SEND: _SENDING, "sqs:ReceiveMessage": ("kms:Decrypt",)}
_WITHOUT_SOURCE = "events.amazonaws.com"
TOPIC, _KEY = "AWS::SNS::Topic", "KmsMasterKeyId"
log = logging.getLogger("local.message_keys")


def install() -> None:
    """Ask the keys of topics and queues whenever something is sent or read; keep the key that a template names."""
    _install_topics_of_templates()
    enforce_topic, enforce_queue, allows = sns._enforce_topic_policy, sqs._enforce_queue_policy, sqs.queue_policy_allows

    def enforce_topic_and_key(topic: Mapping[str, Any], action: str) -> Any:
        return enforce_topic(topic, action) or _refusal_of_topic(topic, action)

    def enforce_queue_and_key(queue: Mapping[str, Any], action: str) -> None:
        enforce_queue(queue, action)
        caller, arn = iam_evaluator.caller_arn(), queue["attributes"].get("QueueArn", "")
        if obstacle := obstacle_to_principal(caller, action, arn):
            raise sqs._Err("KMS.AccessDeniedException", f"User: {caller} is not authorized to perform: {obstacle}", 400)

    def queue_and_key_allow(queue_arn: str, service: str, source_arn: str, source_account: str) -> bool:
        allowed = allows(queue_arn, service, source_arn, source_account)
        return bool(allowed) and service_may_use_key(service, _SEND, queue_arn, source_arn)

    sns._enforce_topic_policy = enforce_topic_and_key
    sqs._enforce_queue_policy = enforce_queue_and_key
    sqs.queue_policy_allows = queue_and_key_allow


def service_may_use_key(service: str, action: str, resource_arn: str, source_arn: str) -> bool:
    """Tell whether the key of a topic or queue lets a service send to it for that source; a denial is logged."""

    def may(needed: str, key: Mapping[str, Any]) -> bool:
        told = "" if service == _WITHOUT_SOURCE else source_arn
        return service_may(service, needed, key["Arn"], told, key["Policy"])

    obstacle = _obstacle(action, resource_arn, may)
    if obstacle:
        log.warning("%s for %s was denied %s of %s", service, source_arn, obstacle, resource_arn)
    return not obstacle


def obstacle_to_principal(principal_arn: str, action: str, resource_arn: str) -> str:
    """Return what the key of a topic or queue does not let a principal do through SNS or SQS; empty if nothing."""
    via = {"kms:viaservice": f"{action.partition(':')[0]}.{get_region()}.amazonaws.com"}
    return _obstacle(action, resource_arn, lambda needed, key: principal_may(principal_arn, needed, key["Arn"], via))


def _obstacle(action: str, resource_arn: str, may: Callable[[str, Mapping[str, Any]], bool]) -> str:
    name = _key_name(resource_arn) if action in _NEEDED else ""
    if not name:
        return ""
    key = kms._resolve_key(name)
    if not key or key["KeyState"] != "Enabled":
        return f"{_NEEDED[action][0]} on resource: {name}, which {'is ' + key['KeyState'] if key else 'does not exist'}"
    denied = next((needed for needed in _NEEDED[action] if not may(needed, key)), None)
    return f"{denied} on resource: {key['Arn']}" if denied else ""


def _key_name(resource_arn: str) -> str:
    is_topic = resource_arn.startswith("arn:aws:sns:")
    found = sns._topic_by_arn_any_scope(resource_arn) if is_topic else sqs._queue_by_arn(resource_arn)
    return str((found or {}).get("attributes", {}).get(_KEY) or "")


def _refusal_of_topic(topic: Mapping[str, Any], action: str) -> Any:
    caller = iam_evaluator.caller_arn()
    obstacle = obstacle_to_principal(caller, action, topic.get("arn", ""))
    if not obstacle:
        return None
    return sns._error("KMSAccessDenied", f"User: {caller} is not authorized to perform: {obstacle}", 400)


def _install_topics_of_templates() -> None:
    handlers = provisioners._RESOURCE_HANDLERS[TOPIC]
    create, update = handlers["create"], handlers["update"]

    def create_with_key(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        return _with_key(create(logical_id, properties, stack), properties)

    def update_with_key(
        arn: str, old: dict[str, Any], new: dict[str, Any], stack: str, **rest: Any
    ) -> tuple[str, dict[str, Any]]:
        return _with_key(update(arn, old, new, stack, **rest), new)

    handlers.update(create=create_with_key, update=update_with_key)


def _with_key(made: tuple[str, dict[str, Any]], properties: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    sns._topics[made[0]]["attributes"][_KEY] = properties.get(_KEY, "")
    return made
