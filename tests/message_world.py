"""A key, a topic, a queue and a role in the local AWS's emulator, with the gaps that ask the key installed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from ministack.core import iam_evaluator
from ministack.services import eventbridge, iam, kms, lambda_svc, sns, sqs
from ministack.services.cloudformation import provisioners

from local.aws.gaps import async_invocations, message_keys, service_permissions

REGION, ACCOUNT = "us-east-1", "000000000000"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/sender"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/sender/service"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:react"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/rds"
SCHEDULE = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/ours/daily"
GROUP = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/ours"
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:cpu"
USE = ("kms:GenerateDataKey*", "kms:Decrypt")
_REPLACED = (
    (sns, "_enforce_topic_policy"),
    (sns, "_deliver_to_lambda"),
    (sqs, "_enforce_queue_policy"),
    (sqs, "queue_policy_allows"),
    (eventbridge, "_invoke_target"),
    (eventbridge, "_dispatch_to_lambda"),
    (lambda_svc, "_route_async_failure"),
)


class MessageWorld:
    """What the tests about messages send through; the key lets the account's policies decide, and nobody else yet."""

    def __init__(self) -> None:
        answer = json.loads(kms._create_key({})[2])
        self.key: str = answer["KeyMetadata"]["Arn"]
        self.topic, self.queue = (f"arn:aws:{kind}:{REGION}:{ACCOUNT}:messages" for kind in ("sns", "sqs"))
        sns._topics[self.topic] = {
            "arn": self.topic,
            "name": "messages",
            "attributes": {"KmsMasterKeyId": self.key},
            "subscriptions": [],
        }
        url = json.loads(json.dumps(sqs._act_create_queue({"QueueName": "messages"}, "")))["QueueUrl"]
        self._queue = sqs._queues[url]
        self._queue["attributes"]["KmsMasterKeyId"] = self.key
        iam._roles["sender"] = {"RoleName": "sender", "InlinePolicies": {}, "AttachedPolicies": []}
        lambda_svc._functions["react"] = {
            "config": {"FunctionName": "react", "FunctionArn": FUNCTION, "Role": ROLE},
            "policy": {"Version": "2012-10-17", "Statement": []},
        }

    def let_key(self, *statements: dict[str, Any]) -> None:
        """Let the key be used by these, beside the account's own policies."""
        delegation = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
        kms._keys[self.key.rsplit("/", 1)[1]]["Policy"] = _policy([delegation, *statements])

    def let_in(self, service: str, source: str) -> None:
        """Let a service into topic and queue for a source."""
        condition = {"ArnEquals": {"aws:SourceArn": source}}
        allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": ["sns:Publish", "sqs:SendMessage"]}
        self.put_policies({**allow, "Resource": [self.topic, self.queue], "Condition": condition})

    def put_policies(self, *statements: dict[str, Any]) -> None:
        """Give topic and queue this policy."""
        for attributes in (sns._topics[self.topic]["attributes"], self._queue["attributes"]):
            attributes["Policy"] = _policy(statements)

    def let_role(self, *statements: dict[str, Any], trusts: str = "", for_source: str = "") -> None:
        """Give the role its policy and its trust."""
        role = iam._roles["sender"]
        role["InlinePolicies"] = {"p": _policy(statements)}
        condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": for_source}}
        trust = {"Effect": "Allow", "Principal": {"Service": trusts}, "Action": "sts:AssumeRole"}
        role["AssumeRolePolicyDocument"] = _policy([{**trust, "Condition": condition}])

    def letters(self) -> list[dict[str, Any]]:
        """Return what lies in the queue."""
        messages: list[dict[str, Any]] = self._queue["messages"]
        return messages


def grant(service: str, *actions: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a statement of a key's policy that lets a service use it."""
    principal = {"Service": service}
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions or USE), "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


@contextmanager
def message_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessageWorld]:
    """Make a world with IAM enforced, and undo it."""
    monkeypatch.setattr("ministack.app.AUTH", True)
    for module, name in _REPLACED:
        monkeypatch.setattr(module, name, getattr(module, name))
    handlers = provisioners._RESOURCE_HANDLERS[message_keys.TOPIC]
    monkeypatch.setitem(provisioners._RESOURCE_HANDLERS, message_keys.TOPIC, dict(handlers))
    service_permissions.install()
    message_keys.install()
    async_invocations.install()
    caller = iam_evaluator._request_caller_arn.set("")
    try:
        yield MessageWorld()
    finally:
        iam_evaluator._request_caller_arn.reset(caller)
        for records, name in ((iam._roles, "sender"), (lambda_svc._functions, "react")):
            records.pop(name, None)
        for module in (kms, sns, sqs):
            module.reset()


def _policy(statements: Sequence[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
