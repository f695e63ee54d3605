"""What the use cases need of security groups."""

from collections.abc import Sequence
from typing import Protocol

from rds_operations.domain.security_groups import GroupRule


class SecurityGroups(Protocol):
    """Lists and revokes the rules of security groups."""

    def rules(self, group_id: str) -> tuple[GroupRule, ...]:
        """Return all rules of the group, in one call per page.

        Raises:
            RetryableError: EC2 throttled or could not be reached.
            RefusedError: the call is not allowed.
        """

    def revoke(self, group_id: str, rules: Sequence[GroupRule]) -> None:
        """Revoke rules, in one call per direction; those that are gone already count as revoked. Errors as `rules`."""
