"""Which snapshots may go, which stay and why: the rules that never leave the database without a good backup."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.retention_tags import reason_to_retain
from rds_operations.domain.snapshots import MANAGED_BY, Ownership, Snapshot
from rds_operations.domain.times import utc_text

_LATEST = datetime.max.replace(tzinfo=UTC)


class ExpiryAction(StrEnum):
    """What to do with a snapshot."""

    DELETE = "delete"
    KEEP = "keep"
    DEFER = "defer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryPolicy:
    """How long and how many snapshots stay.

    Args:
        retention: Age up to which a snapshot is kept; more than nothing.
        minimum_snapshots: How many of the newest good ones stay whatever their age; at least one.
        maximum_deletions: How many one run deletes at most; at least one.

    Raises:
        ConfigurationError: a number would let the last good backup go, or nothing happen.
    """

    retention: timedelta
    minimum_snapshots: int
    maximum_deletions: int

    def __post_init__(self) -> None:
        if self.retention <= timedelta(0) or self.minimum_snapshots < 1 or self.maximum_deletions < 1:
            raise ConfigurationError(f"{self} is no policy: each of its values has to be positive")


@dataclass(frozen=True, slots=True)
class ExpiryDecision:
    """What to do with one snapshot, and why."""

    action: ExpiryAction
    snapshot: Snapshot
    reason: str


@dataclass(frozen=True, slots=True)
class ExpiryPlan:
    """One decision for each snapshot examined, oldest snapshot first."""

    decisions: tuple[ExpiryDecision, ...]

    def to(self, action: ExpiryAction) -> tuple[ExpiryDecision, ...]:
        """Return the decisions to do this, oldest snapshot first."""
        return tuple(decision for decision in self.decisions if decision.action is action)


def decide_expiry(
    snapshots: Iterable[Snapshot], *, ownership: Ownership, prefix: str, policy: ExpiryPolicy, now: datetime
) -> ExpiryPlan:
    """Decide about every snapshot; the order of the input does not matter.

    1. One that this deployment did not make of its own instance, by source, tags and name, is kept.
    2. One that is not available is kept: it is no backup, and RDS would not delete it.
    3. One with the tag `hold`, or a `retain-until` that has not passed or cannot be parsed, is kept.
    4. One that is not older than the retention, or whose age is not known, is kept.
    5. One of the newest good ones, as many as the policy's minimum, is kept.
    6. Of the others the oldest go, as many as one run may delete.
    7. The rest is deferred to the next run.

    Good are those that pass 1 and 2 and whose age is known, so held ones count, too.

    Args:
        snapshots: What RDS lists; of an identifier that appears twice the later reading counts.
        ownership: Whose snapshots may go.
        prefix: What the identifiers of those begin with, before a hyphen; the template allows deleting no others.
        policy: How long and how many stay.
        now: The current time, aware of its zone.
    """
    examined = sorted({snapshot.identifier: snapshot for snapshot in snapshots}.values(), key=_by_age)
    ladder = _Ladder(ownership, prefix, policy, now)
    good = [snapshot.identifier for snapshot in examined if ladder.is_good(snapshot)]
    protected = frozenset(good[-policy.minimum_snapshots :])
    decisions: list[ExpiryDecision] = []
    remaining = policy.maximum_deletions
    for snapshot in examined:
        decision = ladder.decide(snapshot, protected, remaining)
        remaining -= decision.action is ExpiryAction.DELETE
        decisions.append(decision)
    return ExpiryPlan(tuple(decisions))


@dataclass(frozen=True, slots=True)
class _Ladder:
    """The rungs of `decide_expiry`; each returns why the snapshot stays, or None."""

    ownership: Ownership
    prefix: str
    policy: ExpiryPolicy
    now: datetime

    def decide(self, snapshot: Snapshot, protected: frozenset[str], remaining: int) -> ExpiryDecision:
        reason = (
            self._foreign(snapshot)
            or self._unavailable(snapshot)
            or reason_to_retain(snapshot.tags, self.now)
            or self._young(snapshot)
            or self._protected(snapshot, protected)
        )
        if reason:
            return ExpiryDecision(ExpiryAction.KEEP, snapshot, reason)
        expired = f"it was made at {_made_at(snapshot)}, more than {self._retention()} ago"
        if remaining > 0:
            stay = f"the newest {self.policy.minimum_snapshots} good snapshots stay"
            return ExpiryDecision(ExpiryAction.DELETE, snapshot, f"{expired}, and {stay}")
        limit = f"one run deletes {self.policy.maximum_deletions} at most: left to the next"
        return ExpiryDecision(ExpiryAction.DEFER, snapshot, f"{expired}, but {limit}")

    def is_good(self, snapshot: Snapshot) -> bool:
        return not self._foreign(snapshot) and snapshot.is_available and snapshot.created_at is not None

    def _foreign(self, snapshot: Snapshot) -> str | None:
        owner = self.ownership
        if snapshot.instance_identifier != owner.db_instance_identifier:
            return f"it is of {snapshot.instance_identifier}, not of {owner.db_instance_identifier}"
        if not snapshot.is_owned_by(owner):
            return f"its tags do not say that {MANAGED_BY} made it for {owner.project_name} {owner.environment}"
        if not snapshot.identifier.startswith(f"{self.prefix}-"):
            return f"its name does not begin with {self.prefix}-"
        return None

    def _unavailable(self, snapshot: Snapshot) -> str | None:
        if snapshot.is_available:
            return None
        return f"its status is {snapshot.status}: it is no backup now, and RDS deletes available snapshots only"

    def _young(self, snapshot: Snapshot) -> str | None:
        if snapshot.created_at is None:
            return "its age is not known: RDS gives no creation time"
        if self.now - snapshot.created_at > self.policy.retention:
            return None
        return f"it was made at {_made_at(snapshot)}, not more than {self._retention()} ago"

    def _protected(self, snapshot: Snapshot, protected: frozenset[str]) -> str | None:
        if snapshot.identifier not in protected:
            return None
        return f"it is among the newest {self.policy.minimum_snapshots} good snapshots, which stay whatever their age"

    def _retention(self) -> str:
        return f"{self.policy.retention / timedelta(days=1):g} days"


def _by_age(snapshot: Snapshot) -> tuple[datetime, str]:
    return snapshot.created_at or _LATEST, snapshot.identifier


def _made_at(snapshot: Snapshot) -> str:
    return utc_text(snapshot.created_at) if snapshot.created_at else "a time that is not known"
