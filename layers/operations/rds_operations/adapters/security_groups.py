"""The rules of security groups in EC2."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from rds_operations.adapters.aws_clients import aws_client
from rds_operations.adapters.aws_errors import translating
from rds_operations.domain.errors import NotFoundError
from rds_operations.domain.security_groups import GroupRule

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5
ATTEMPTS = 2
PAGE_SIZE = 1000
"""The most that EC2 lists in one call (EC2 API reference, DescribeSecurityGroupRules)."""


class Ec2Client(Protocol):
    """What is used of boto3's client of EC2."""

    def describe_security_group_rules(self, **parameters: Any) -> Mapping[str, Any]:
        """Return a page of rules."""

    def revoke_security_group_ingress(self, **parameters: Any) -> Mapping[str, Any]:
        """Revoke rules that let traffic in."""

    def revoke_security_group_egress(self, **parameters: Any) -> Mapping[str, Any]:
        """Revoke rules that let traffic out."""


def ec2_client() -> Ec2Client:
    """Return a client whose calls give up after 15 s at most: two attempts of 2 s and 5 s, 1 s between them."""
    client: Ec2Client = aws_client(
        "ec2",
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS,
        attempts=ATTEMPTS,
    )
    return client


class Ec2SecurityGroups:
    """`SecurityGroups` in EC2.

    Args:
        client: boto3's client of EC2.
    """

    def __init__(self, client: Ec2Client) -> None:
        self._client = client

    def rules(self, group_id: str) -> tuple[GroupRule, ...]:
        """Return all rules of the group, in one call per thousand.

        Raises:
            RetryableError: EC2 throttled or could not be reached.
            RefusedError: the call is not allowed.
        """
        found: list[GroupRule] = []
        asked: dict[str, Any] = {"Filters": [{"Name": "group-id", "Values": [group_id]}], "MaxResults": PAGE_SIZE}
        while True:
            with translating(f"listing the rules of security group {group_id}"):
                page = self._client.describe_security_group_rules(**asked)
            found += [GroupRule(rule["SecurityGroupRuleId"], rule["IsEgress"]) for rule in page["SecurityGroupRules"]]
            if not page.get("NextToken"):
                return tuple(found)
            asked["NextToken"] = page["NextToken"]

    def revoke(self, group_id: str, rules: Sequence[GroupRule]) -> None:
        """Revoke rules, in one call per direction; those that are gone already count as revoked. Errors as `rules`.

        EC2 revokes none of a call's rules where one is gone: the others are left to the next look.
        """
        ingress = [rule.identifier for rule in rules if not rule.is_egress]
        egress = [rule.identifier for rule in rules if rule.is_egress]
        calls = (
            ("ingress", ingress, self._client.revoke_security_group_ingress),
            ("egress", egress, self._client.revoke_security_group_egress),
        )
        for direction, identifiers, call in calls:
            doing = f"revoking the {direction} rules {', '.join(identifiers)} of security group {group_id}"
            if identifiers:
                with suppress(NotFoundError), translating(doing):
                    call(GroupId=group_id, SecurityGroupRuleIds=identifiers)
