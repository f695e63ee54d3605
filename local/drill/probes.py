"""What a probe from inside the VPC saw in a drill, and what follows from it. Knows no AWS and no clock."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from local.drill.conditions import ReplicaSeen
from local.reports.attempts import Slice

# undefined_table and insufficient_privilege (PostgreSQL manual, "PostgreSQL Error Codes"), as the probe tells them.
_NO_TABLE = re.compile(r"\((42P01|42501)\)")


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """One answer of ProbeDatabaseFunction.

    Args:
        is_writable: It committed a write.
        replicas: Who follows the primary, as the primary says.
        error: Why it did not, or what it could not find out; None where nothing was wrong.
        acknowledged: How many of the drill's rows it committed.
        in_doubt: How many more may have been committed.
    """

    is_writable: bool
    replicas: tuple[ReplicaSeen, ...] = ()
    error: str | None = None
    acknowledged: int = 0
    in_doubt: int = 0

    @property
    def has_no_table(self) -> bool:
        """Whether the drill's table is missing, or the right to write there: trying again changes nothing."""
        return not self.is_writable and bool(_NO_TABLE.search(self.error or ""))

    @classmethod
    def of(cls, response: Mapping[str, Any]) -> Self:
        """Return what the function's response says."""
        replicas = tuple(
            ReplicaSeen(str(each["name"]), str(each["state"]), each["replay_lag_bytes"], each["replay_lag_seconds"])
            for each in response.get("replicas") or []
        )
        # A row whose answer did not come is the last that was sent; a standby is sent none.
        is_sent = response.get("writable") is False and response.get("in_recovery") is False
        return cls(
            response.get("writable") is True,
            replicas,
            response.get("error"),
            acknowledged=response.get("acknowledged") or 0,
            in_doubt=int(is_sent and "acknowledged" in response),
        )


@dataclass(frozen=True, slots=True)
class Probe:
    """One look, in seconds of Unix time.

    Args:
        began: When it was asked.
        ended: When its answer came.
        answer: What it said.
    """

    began: float
    ended: float
    answer: ProbeAnswer


@dataclass(frozen=True, slots=True)
class Outage:
    """The time in which no write is known to have been taken.

    Args:
        last_good: When the last look began that succeeded before it.
        back: When the first look ended that succeeded after it.
    """

    last_good: float
    back: float

    @property
    def seconds(self) -> float:
        """Its length: an upper bound, by up to the two looks around it."""
        return self.back - self.last_good


def find_outage(probes: Sequence[Probe], forced_at: float) -> Outage | None:
    """Return the outage after a moment; None where no look failed, or none succeeded afterwards."""
    failed = [probe for probe in probes if not probe.answer.is_writable and probe.ended >= forced_at]
    if not failed:
        return None
    good_before = [p.began for p in probes if p.answer.is_writable and p.ended <= failed[0].ended]
    good_after = [p.ended for p in probes if p.answer.is_writable and p.began >= failed[-1].began]
    if not good_after:
        return None
    return Outage(max(good_before, default=forced_at), min(good_after))


def as_slices(probes: Sequence[Probe], forced_at: float) -> tuple[Slice, ...]:
    """Return every look as a short span of its own, counted from the moment of the request."""
    return tuple(_slice(probe, forced_at) for probe in probes)


def _slice(probe: Probe, forced_at: float) -> Slice:
    at, took = round(probe.ended - forced_at, 3), round((probe.ended - probe.began) * 1000, 1)
    return Slice(at, 1, 0, took, took) if probe.answer.is_writable else Slice(at, 0, 1)
