"""Which snapshots may go, which stay and why: the rules that never leave the database without a good backup."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import compress, islice, tee
from types import MappingProxyType

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.expiry_ladder import FAILED_RETENTION, ExpiryLadder
from rds_operations.domain.expiry_reasons import ExpiryCode, Reasons
from rds_operations.domain.listing_sanity import reason_to_refuse
from rds_operations.domain.snapshot_tiers import PeriodCounts, representatives
from rds_operations.domain.snapshots import Ownership, Snapshot, Tier

_LATEST = datetime.max.replace(tzinfo=UTC)


class ExpiryAction(StrEnum):
    """What to do with a snapshot."""

    DELETE = "delete"
    KEEP = "keep"
    DEFER = "defer"


_ACTIONS: Mapping[ExpiryCode, ExpiryAction] = MappingProxyType(
    dict.fromkeys(ExpiryCode, ExpiryAction.KEEP)
    | dict.fromkeys((ExpiryCode.EXPIRED, ExpiryCode.FAILED_LONG_AGO), ExpiryAction.DELETE)
    | dict.fromkeys((ExpiryCode.EXPIRED_BUT_DEFERRED, ExpiryCode.FAILED_BUT_DEFERRED), ExpiryAction.DEFER)
)
# In the order in which they go.
_DEFERRED: Mapping[ExpiryCode, ExpiryCode] = MappingProxyType(
    {
        ExpiryCode.EXPIRED: ExpiryCode.EXPIRED_BUT_DEFERRED,
        ExpiryCode.FAILED_LONG_AGO: ExpiryCode.FAILED_BUT_DEFERRED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryPolicy:
    """How long and how many snapshots stay.

    Args:
        retention: Age up to which a snapshot of the schedule is kept; more than nothing.
        minimum_snapshots: How many of the newest good ones stay whatever their age; at least one.
        maximum_deletions: How many one run deletes at most; at least one.
        on_demand_retention: Age up to which a snapshot on demand is kept; more than nothing.
        periods: How many weeks, months and years keep a snapshot of the schedule beyond its retention.

    Raises:
        ConfigurationError: a number would let the last good backup go, or nothing happen.
    """

    retention: timedelta
    minimum_snapshots: int
    maximum_deletions: int
    on_demand_retention: timedelta = timedelta(days=90)
    periods: PeriodCounts = field(default_factory=PeriodCounts)

    def __post_init__(self) -> None:
        shortest = min(self.retention, self.on_demand_retention)
        if shortest <= timedelta(0) or self.minimum_snapshots < 1 or self.maximum_deletions < 1:
            raise ConfigurationError(f"{self} is no policy: each of its values has to be positive")


@dataclass(frozen=True, slots=True)
class ExpiryDecision:
    """What to do with one snapshot, and why.

    Args:
        snapshot: The snapshot.
        code: What decided about it.
        reasons: What the reason is made of, once someone asks for it.
    """

    snapshot: Snapshot
    code: ExpiryCode
    reasons: Reasons = field(repr=False)

    @property
    def action(self) -> ExpiryAction:
        """What to do."""
        return _ACTIONS[self.code]

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        return self.reasons.sentence(self.snapshot, self.code)


@dataclass(frozen=True, slots=True)
class ExpiryPlan:
    """One decision for each snapshot examined, in columns: a million decisions are made before one is looked at.

    Args:
        snapshots: Those examined, oldest first; those of unknown age at the end.
        codes: What decided about each.
        reasons: What the reasons are made of.
    """

    snapshots: tuple[Snapshot, ...]
    codes: tuple[ExpiryCode, ...]
    reasons: Reasons

    @property
    def decisions(self) -> tuple[ExpiryDecision, ...]:
        """All decisions, oldest snapshot first."""
        return self._decisions(ExpiryCode)

    @property
    def refusal(self) -> str:
        """Why nothing may be deleted by this listing; empty where something may."""
        return self.reasons.refusal

    def to(self, action: ExpiryAction) -> tuple[ExpiryDecision, ...]:
        """Return the decisions to do this, in the order of doing it: oldest first, failed ones after the others."""
        codes = [code for code in ExpiryCode if _ACTIONS[code] is action]
        return tuple(sorted(self._decisions(codes), key=lambda decision: decision.snapshot.has_failed))

    def _decisions(self, codes: Iterable[ExpiryCode]) -> tuple[ExpiryDecision, ...]:
        wanted = frozenset(codes)
        columns = zip(self.snapshots, self.codes, strict=True)
        return tuple(ExpiryDecision(snapshot, code, self.reasons) for snapshot, code in columns if code in wanted)


def decide_expiry(
    snapshots: Iterable[Snapshot], *, ownership: Ownership, prefix: str, policy: ExpiryPolicy, now: datetime
) -> ExpiryPlan:
    """Decide about every snapshot; the order of the input does not matter.

    0. Where the listing looks wrong (`reason_to_refuse`) all are kept.
    1. One that this deployment did not make of its own instance, by source, tags and name, is kept.
    2. One with the tag `hold`, or a `retain-until` that has not passed or cannot be parsed, is kept.
    3. One that has failed is kept for a week, or for as long as nothing tells when it was begun; then it goes by 8.
    4. Another one that is not available is kept: it is no backup, and RDS would not delete it.
    5. One that is not older than the retention of its tier, or whose age is not known, is kept.
    6. One of the newest good ones, as many as the policy's minimum, is kept.
    7. One that stands for one of the newest weeks, months or years (`representatives`) is kept.
    8. Of the others the oldest go, as many as one run may delete; failed ones after all the others.
    9. The rest is deferred to the next run.

    Good are those that pass 1, are available, and whose age is known, so held ones count, too. Only good snapshots of
    the schedule stand for a period.

    Args:
        snapshots: What RDS lists; of an identifier that appears twice the later reading counts.
        ownership: Whose snapshots may go.
        prefix: What the identifiers of those begin with, before a hyphen; the template allows deleting no others.
        policy: How long and how many stay.
        now: The current time, aware of its zone.
    """
    listed = list({snapshot.identifier: snapshot for snapshot in snapshots}.values())
    codes = _rungs(listed, ownership, prefix, policy, now)
    # What is asked of each snapshot is asked in the order of the listing: in another, memory is the slowest part.
    is_owned = [code is not ExpiryCode.FOREIGN for code in codes]
    is_good = [ours and snapshot.is_good for snapshot, ours in zip(listed, is_owned, strict=True)]
    oldest_first = _places_by_age(listed)
    newest_good, newest = tee(listed[place] for place in reversed(oldest_first) if is_good[place])
    reasons = Reasons(
        ownership=ownership,
        prefix=prefix,
        now=now,
        retention={Tier.SCHEDULED: policy.retention, Tier.ON_DEMAND: policy.on_demand_retention},
        failed_retention=FAILED_RETENTION,
        minimum_snapshots=policy.minimum_snapshots,
        maximum_deletions=policy.maximum_deletions,
        periods=representatives(newest_good, policy.periods),
        refusal=reason_to_refuse(list(compress(listed, is_owned)), now) or "",
    )
    codes = _spared(listed, codes, islice(newest, policy.minimum_snapshots), reasons)
    examined = tuple(map(listed.__getitem__, oldest_first))
    return ExpiryPlan(examined, _limited(map(codes.__getitem__, oldest_first), policy.maximum_deletions), reasons)


def _rungs(
    listed: Sequence[Snapshot], ownership: Ownership, prefix: str, policy: ExpiryPolicy, now: datetime
) -> list[ExpiryCode]:
    ladder = ExpiryLadder(
        ownership=ownership,
        beginning=f"{prefix}-",
        retention=policy.retention,
        on_demand_retention=policy.on_demand_retention,
        now=now,
    )
    return [ladder.rung(snapshot) for snapshot in listed]


def _places_by_age(listed: Sequence[Snapshot]) -> list[int]:
    names = [snapshot.identifier for snapshot in listed]
    times = [snapshot.created_at or _LATEST for snapshot in listed]
    by_name = sorted(range(len(listed)), key=names.__getitem__)
    return sorted(by_name, key=times.__getitem__)


def _spared(
    listed: Sequence[Snapshot], codes: Sequence[ExpiryCode], newest: Iterable[Snapshot], reasons: Reasons
) -> list[ExpiryCode]:
    if reasons.refusal:
        return [ExpiryCode.RUN_REFUSED] * len(listed)
    spared = dict.fromkeys(reasons.periods, ExpiryCode.STANDS_FOR_A_PERIOD)
    spared |= dict.fromkeys((snapshot.identifier for snapshot in newest), ExpiryCode.AMONG_THE_NEWEST)
    return [
        spared.get(snapshot.identifier, code) if code is ExpiryCode.EXPIRED else code
        for snapshot, code in zip(listed, codes, strict=True)
    ]


def _limited(codes: Iterable[ExpiryCode], maximum: int) -> tuple[ExpiryCode, ...]:
    limited = list(codes)
    for going, deferred in _DEFERRED.items():
        places = [place for place, code in enumerate(limited) if code is going]
        for place in places[maximum:]:
            limited[place] = deferred
        maximum = max(0, maximum - len(places))
    return tuple(limited)
