"""Security groups in memory, with EC2's manners: what changed is shown only after some looks."""

from collections.abc import Sequence

from rds_operations.domain.security_groups import GroupRule

INGRESS, EGRESS = GroupRule("sgr-in", is_egress=False), GroupRule("sgr-out", is_egress=True)


class FakeSecurityGroups:
    """One group.

    Args:
        rules: Its rules.
        hidden_looks: How many looks show nothing yet.
        stale_looks: How many looks still show what was revoked.
    """

    def __init__(self, *rules: GroupRule, hidden_looks: int = 0, stale_looks: int = 0) -> None:
        self._rules = list(rules)
        self._shown = tuple(rules)
        self._hidden_looks, self._stale_looks = hidden_looks, stale_looks
        self.revocations: list[tuple[GroupRule, ...]] = []
        self.looks = 0

    def rules(self, group_id: str) -> tuple[GroupRule, ...]:
        self.looks += 1
        if self.looks <= self._hidden_looks:
            return ()
        if self.revocations and self._stale_looks:
            self._stale_looks -= 1
            return self._shown
        return tuple(self._rules)

    def revoke(self, group_id: str, rules: Sequence[GroupRule]) -> None:
        if rules:
            self.revocations.append(tuple(rules))
        self._rules = [rule for rule in self._rules if rule not in rules]
