"""How the default security group loses its rules."""

import pytest

from rds_operations.domain.errors import RetryableError
from rds_operations.usecases.lock_default_security_group import LOOKS, GroupLock, lock_default_security_group
from tests.fakes.pause import FakePause
from tests.fakes.security_groups import EGRESS, INGRESS, FakeSecurityGroups

GROUP = "sg-0a1b2c3d4e5f67890"


def lock(groups: FakeSecurityGroups, *, is_new: bool = True) -> GroupLock:
    return lock_default_security_group(GROUP, is_new=is_new, groups=groups, pause=FakePause())


def test_every_rule_of_a_new_group_is_revoked() -> None:
    groups = FakeSecurityGroups(INGRESS, EGRESS)

    locked = lock(groups)

    assert groups.rules(GROUP) == ()
    assert locked.as_data() == {"RevokedIngress": "1", "RevokedEgress": "1"}


def test_group_that_is_locked_already_is_left_alone() -> None:
    groups = FakeSecurityGroups()

    locked = lock(groups, is_new=False)

    assert (groups.looks, groups.revocations) == (1, [])
    assert locked.as_data() == {"RevokedIngress": "0", "RevokedEgress": "0"}


def test_rules_that_a_new_group_shows_late_are_revoked() -> None:
    groups = FakeSecurityGroups(INGRESS, EGRESS, hidden_looks=3)

    assert lock(groups).revoked == (INGRESS, EGRESS)


def test_new_group_that_never_shows_a_rule_counts_as_locked() -> None:
    groups = FakeSecurityGroups()

    assert lock(groups).revoked == ()
    assert groups.looks == LOOKS


def test_rule_that_is_still_shown_is_revoked_once() -> None:
    groups = FakeSecurityGroups(INGRESS, stale_looks=2)

    locked = lock(groups)

    assert groups.revocations == [(INGRESS,)]
    assert locked.revoked == (INGRESS,)


def test_rule_that_stays_is_named() -> None:
    groups = FakeSecurityGroups(INGRESS, stale_looks=LOOKS)

    with pytest.raises(RetryableError, match=rf"^security group {GROUP} still shows rules after 5 looks: sgr-in$"):
        lock(groups)
