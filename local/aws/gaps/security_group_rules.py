"""Security group rules as resources of their own, which the emulator knows only inline."""

import json
import uuid
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

_RULES = {
    "AWS::EC2::SecurityGroupIngress": "IpPermissions",
    "AWS::EC2::SecurityGroupEgress": "IpPermissionsEgress",
}


def install() -> None:
    """Register both resource types; rules show in DescribeSecurityGroups."""
    for resource_type, direction in _RULES.items():
        provisioners._RESOURCE_HANDLERS[resource_type] = _handlers(direction)


def _handlers(direction: str) -> dict[str, Any]:
    def create(_logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
        rule_id = f"sgr-{uuid.uuid4().hex[:17]}"
        _rules(properties, direction).extend(provisioners._ec2_sg_permissions([properties]))
        return rule_id, {"Id": rule_id}

    def delete(_rule_id: str, properties: dict[str, Any]) -> None:
        gone = {json.dumps(rule, sort_keys=True) for rule in provisioners._ec2_sg_permissions([properties])}
        rules = _rules(properties, direction)
        rules[:] = [rule for rule in rules if json.dumps(rule, sort_keys=True) not in gone]

    def update(
        rule_id: str, old: dict[str, Any], new: dict[str, Any], _stack: str, **_rest: Any
    ) -> tuple[str, dict[str, str]]:
        delete(rule_id, old)
        _rules(new, direction).extend(provisioners._ec2_sg_permissions([new]))
        return rule_id, {"Id": rule_id}

    return {"create": create, "update": update, "delete": delete}


def _rules(properties: dict[str, Any], direction: str) -> list[dict[str, Any]]:
    ec2._ensure_defaults_initialized()
    group = ec2._security_groups.get(properties["GroupId"])
    if group is None:
        raise ValueError(f"The security group '{properties['GroupId']}' does not exist")
    rules: list[dict[str, Any]] = group.setdefault(direction, [])
    return rules
