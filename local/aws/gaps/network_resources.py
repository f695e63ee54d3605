"""Network resources: flow logs in templates, and the rule that every VPC's default security group begins with."""

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

FLOW_LOG, VPC = "AWS::EC2::FlowLog", "AWS::EC2::VPC"
_REQUEST = {
    "ResourceId": "ResourceId.1",
    "ResourceType": "ResourceType",
    "TrafficType": "TrafficType",
    "LogDestinationType": "LogDestinationType",
    "LogDestination": "LogDestination",
    "LogGroupName": "LogGroupName",
}

type Made = tuple[str, dict[str, Any]]


def install() -> None:
    """Register flow logs, and complete the default group of every VPC that a stack makes."""
    provisioners._RESOURCE_HANDLERS[FLOW_LOG] = {
        "create": create_flow_log,
        "update": update_flow_log,
        "delete": delete_flow_log,
    }
    handlers = provisioners._RESOURCE_HANDLERS[VPC]
    create = handlers["create"]

    def create_vpc(logical_id: str, properties: dict[str, Any], stack: str) -> Made:
        vpc_id, attributes = create(logical_id, properties, stack)
        _let_in_itself(attributes["DefaultSecurityGroup"])
        return vpc_id, attributes

    handlers["create"] = create_vpc


def create_flow_log(_logical_id: str, properties: Mapping[str, Any], _stack: str) -> Made:
    """Create a flow log that DescribeFlowLogs shows; nothing flows through it.

    Raises:
        ValueError: there is no such VPC.
    """
    if properties["ResourceType"] == "VPC" and properties["ResourceId"] not in ec2._vpcs:
        raise ValueError(f"The vpc ID '{properties['ResourceId']}' does not exist")
    before = set(ec2._flow_logs.keys())
    ec2._create_flow_logs({field: [properties[name]] for name, field in _REQUEST.items() if name in properties})
    (identifier,) = set(ec2._flow_logs.keys()) - before
    ec2._tags[identifier] = properties.get("Tags", [])
    return identifier, {"Id": identifier}


def update_flow_log(identifier: str, old: Mapping[str, Any], new: Mapping[str, Any], stack: str) -> Made:
    """Change the tags; any other change makes another flow log, whose predecessor CloudFormation deletes."""
    if {**old, "Tags": None} != {**new, "Tags": None}:
        return create_flow_log(identifier, new, stack)
    ec2._tags[identifier] = new.get("Tags", [])
    return identifier, {"Id": identifier}


def delete_flow_log(identifier: str, _properties: Mapping[str, Any]) -> None:
    """Delete the flow log."""
    ec2._delete_flow_logs({"FlowLogId.1": [identifier]})


def _let_in_itself(group_id: str) -> None:
    """Add the rule from itself (Amazon VPC user guide, "Default security groups for your VPCs")."""
    pair = {"GroupId": group_id, "UserId": get_account_id()}
    rule = {"IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [pair]}
    ec2._security_groups[group_id]["IpPermissions"].append(rule)
