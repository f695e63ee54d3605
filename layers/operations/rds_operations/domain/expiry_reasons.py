"""Why a snapshot goes or stays: a code for machines, and a sentence for people that is made when someone asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from rds_operations.domain.retention_tags import reason_to_retain
from rds_operations.domain.snapshots import MANAGED_BY, Ownership, Snapshot, Tier
from rds_operations.domain.times import utc_text


class ExpiryCode(StrEnum):
    """What decided about a snapshot: a rung of the ladder of `decide_expiry`."""

    RUN_REFUSED = "run_refused"
    FOREIGN = "foreign"
    RETAINED = "retained"
    FAILED_LATELY = "failed_lately"
    UNAVAILABLE = "unavailable"
    YOUNG = "young"
    AMONG_THE_NEWEST = "among_the_newest"
    STANDS_FOR_A_PERIOD = "stands_for_a_period"
    EXPIRED = "expired"
    EXPIRED_BUT_DEFERRED = "expired_but_deferred"
    FAILED_LONG_AGO = "failed_long_ago"
    FAILED_BUT_DEFERRED = "failed_but_deferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What the sentences of one run are made of.

    Args:
        ownership: Whose snapshots may go.
        prefix: What their identifiers begin with, before a hyphen.
        now: The time of the run.
        retention: How long the snapshots of each tier stay.
        failed_retention: How long one that has failed stays.
        minimum_snapshots: How many of the newest good ones stay.
        maximum_deletions: How many one run deletes at most.
        periods: By identifier, what those stand for that stand for a period.
        refusal: Why the whole run was refused, or nothing.
    """

    ownership: Ownership
    prefix: str
    now: datetime
    retention: Mapping[Tier, timedelta]
    failed_retention: timedelta
    minimum_snapshots: int
    maximum_deletions: int
    periods: Mapping[str, str]
    refusal: str = ""

    def sentence(self, snapshot: Snapshot, code: ExpiryCode) -> str:
        """Return why the snapshot goes or stays, in words."""
        return _SENTENCES[code](self, snapshot)


def _run_refused(run: Reasons, _: Snapshot) -> str:
    return f"nothing is deleted in this run: {run.refusal}"


def _foreign(run: Reasons, snapshot: Snapshot) -> str:
    owner = run.ownership
    if snapshot.instance_identifier != owner.db_instance_identifier:
        return f"it is of {snapshot.instance_identifier}, not of {owner.db_instance_identifier}"
    if not snapshot.is_owned_by(owner):
        return f"its tags do not say that {MANAGED_BY} made it for {owner.project_name} {owner.environment}"
    return f"its name does not begin with {run.prefix}-"


def _retained(run: Reasons, snapshot: Snapshot) -> str:
    return reason_to_retain(snapshot.tags, run.now) or "a tag keeps it"


def _failed_lately(run: Reasons, snapshot: Snapshot) -> str:
    if snapshot.begun_at is None:
        return "it has failed and is no backup, and nothing tells when it was begun"
    return (
        f"it has failed and is no backup; it was begun {_since(snapshot)}, not more than {_days(run.failed_retention)}"
    )


def _unavailable(_: Reasons, snapshot: Snapshot) -> str:
    return f"its status is {snapshot.status}: it is no backup now, and RDS deletes available snapshots only"


def _young(run: Reasons, snapshot: Snapshot) -> str:
    if snapshot.created_at is None:
        return "its age is not known: RDS gives no creation time"
    return f"{_made(snapshot)}, not more than {_days(run.retention[snapshot.tier])}"


def _among_the_newest(run: Reasons, _: Snapshot) -> str:
    return f"it is among the newest {run.minimum_snapshots} good snapshots, which stay whatever their age"


def _stands_for_a_period(run: Reasons, snapshot: Snapshot) -> str:
    return f"it stands for {run.periods[snapshot.identifier]}, as the first good snapshot of the schedule in it"


def _expired(run: Reasons, snapshot: Snapshot) -> str:
    return f"{_outlived(run, snapshot)}, and the newest {run.minimum_snapshots} good snapshots stay"


def _failed_long_ago(run: Reasons, snapshot: Snapshot) -> str:
    return f"it has failed and is no backup; it was begun {_since(snapshot)}, more than {_days(run.failed_retention)}"


def _expired_but_deferred(run: Reasons, snapshot: Snapshot) -> str:
    return f"{_outlived(run, snapshot)}, but {_limit(run)}"


def _failed_but_deferred(run: Reasons, snapshot: Snapshot) -> str:
    return f"{_failed_long_ago(run, snapshot)}, but {_limit(run)}"


def _outlived(run: Reasons, snapshot: Snapshot) -> str:
    return f"{_made(snapshot)}, more than {_days(run.retention[snapshot.tier])}"


def _limit(run: Reasons) -> str:
    return f"one run deletes {run.maximum_deletions} at most: left to the next"


def _made(snapshot: Snapshot) -> str:
    return f"it was made {'on demand ' if snapshot.tier is Tier.ON_DEMAND else ''}{_since(snapshot)}"


def _since(snapshot: Snapshot) -> str:
    return f"at {utc_text(snapshot.begun_at)}" if snapshot.begun_at else "at a time that is not known"


def _days(period: timedelta) -> str:
    return f"{period / timedelta(days=1):g} days ago"


_SENTENCES: Mapping[ExpiryCode, Callable[[Reasons, Snapshot], str]] = MappingProxyType(
    {
        ExpiryCode.RUN_REFUSED: _run_refused,
        ExpiryCode.FOREIGN: _foreign,
        ExpiryCode.RETAINED: _retained,
        ExpiryCode.FAILED_LATELY: _failed_lately,
        ExpiryCode.UNAVAILABLE: _unavailable,
        ExpiryCode.YOUNG: _young,
        ExpiryCode.AMONG_THE_NEWEST: _among_the_newest,
        ExpiryCode.STANDS_FOR_A_PERIOD: _stands_for_a_period,
        ExpiryCode.EXPIRED: _expired,
        ExpiryCode.EXPIRED_BUT_DEFERRED: _expired_but_deferred,
        ExpiryCode.FAILED_LONG_AGO: _failed_long_ago,
        ExpiryCode.FAILED_BUT_DEFERRED: _failed_but_deferred,
    }
)
