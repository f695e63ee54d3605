"""Secrets' rotation schedules and resource policies as resources of their own."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

ROTATION, POLICY = "AWS::SecretsManager::RotationSchedule", "AWS::SecretsManager::ResourcePolicy"

type Made = tuple[str, dict[str, Any]]
type Properties = Mapping[str, Any]


def install() -> None:
    """Register both types; what they say shows in DescribeSecret and GetResourcePolicy."""
    for resource_type, put, remove in ((ROTATION, _schedule, _unschedule), (POLICY, _put_policy, _delete_policy)):
        provisioners._RESOURCE_HANDLERS[resource_type] = _handlers(put, remove)


def _handlers(put: Any, remove: Any) -> dict[str, Any]:
    def create(_logical_id: str, properties: Properties, _stack: str) -> Made:
        arn = str(_secret(properties)["ARN"])
        put(arn, properties)
        return arn, {"Id": arn}

    def update(_arn: str, old: Properties, new: Properties, stack: str) -> Made:
        if old["SecretId"] != new["SecretId"]:
            delete(_arn, old)
        return create("", new, stack)

    def delete(_arn: str, properties: Properties) -> None:
        if secretsmanager._resolve(properties["SecretId"])[1]:
            remove(str(_secret(properties)["ARN"]))

    return {"create": create, "update": update, "delete": delete}


def _schedule(arn: str, properties: Properties) -> None:
    _secret({"SecretId": arn}).update(
        RotationEnabled=True,
        RotationLambdaARN=properties.get("RotationLambdaARN"),
        RotationRules=properties.get("RotationRules"),
    )


def _unschedule(arn: str) -> None:
    _secret({"SecretId": arn}).update(RotationEnabled=False, RotationLambdaARN=None, RotationRules=None)


def _put_policy(arn: str, properties: Properties) -> None:
    policy = properties["ResourcePolicy"]
    text = policy if isinstance(policy, str) else json.dumps(policy)
    secretsmanager._put_resource_policy({"SecretId": arn, "ResourcePolicy": text})


def _delete_policy(arn: str) -> None:
    secretsmanager._delete_resource_policy({"SecretId": arn})


def _secret(properties: Properties) -> dict[str, Any]:
    _, secret = secretsmanager._resolve(properties["SecretId"])
    if not secret:
        raise ValueError(f"Secrets Manager can't find the specified secret: {properties['SecretId']}")
    found: dict[str, Any] = secret
    return found
