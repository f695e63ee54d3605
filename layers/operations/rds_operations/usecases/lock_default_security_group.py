"""Takes every rule from the security group that EC2 gives a VPC by itself, which no template can describe."""

from dataclasses import dataclass
from datetime import timedelta

from rds_operations.domain.errors import RetryableError
from rds_operations.domain.security_groups import GroupRule
from rds_operations.ports.clock import Pause
from rds_operations.ports.security_groups import SecurityGroups

LOOKS = 5
BETWEEN_LOOKS = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class GroupLock:
    """What was done.

    Args:
        group_id: The group, which has no rule now.
        revoked: The rules that were taken from it; none where it was locked already.
    """

    group_id: str
    revoked: tuple[GroupRule, ...]

    def as_data(self) -> dict[str, str]:
        """Return the counts that `Fn::GetAtt` knows."""
        egress = sum(rule.is_egress for rule in self.revoked)
        return {"RevokedIngress": str(len(self.revoked) - egress), "RevokedEgress": str(egress)}


def lock_default_security_group(group_id: str, *, is_new: bool, groups: SecurityGroups, pause: Pause) -> GroupLock:
    """Revoke every rule, and look that none is left.

    EC2 shows what changed only after a while (EC2 Developer Guide, "Eventual consistency"): an empty list is believed
    at once only of a group that is not new, or whose rules were seen; a rule is revoked once, however often shown.

    Args:
        group_id: The group.
        is_new: Whether the VPC may have been made just now.
        groups: Lists and revokes rules.
        pause: Waits between two looks.

    Raises:
        RetryableError: rules are still shown after five looks.
        OperationsError: the rules cannot be listed or revoked.
    """
    revoked: dict[str, GroupRule] = {}
    shown = groups.rules(group_id)
    for _ in range(LOOKS - 1):
        if not shown and (revoked or not is_new):
            break
        fresh = tuple(rule for rule in shown if rule.identifier not in revoked)
        groups.revoke(group_id, fresh)
        revoked |= {rule.identifier: rule for rule in fresh}
        pause.wait(BETWEEN_LOOKS)
        shown = groups.rules(group_id)
    if shown:
        left = ", ".join(rule.identifier for rule in shown)
        raise RetryableError(f"security group {group_id} still shows rules after {LOOKS} looks: {left}")
    return GroupLock(group_id, tuple(revoked.values()))
