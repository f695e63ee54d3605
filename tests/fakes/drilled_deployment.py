"""A deployment that is failed over in a time of its own: nothing waits, every clock is this one."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from local.drill.conditions import ReplicaSeen
from local.drill.forced import NothingForcedError
from local.drill.probes import ProbeAnswer
from local.errors import LocalError

FORCED_NEVER = float("inf")


@dataclass
class FakeDeployment:
    """Takes no writes from `down_after` to `up_after` seconds after the request; looks take `look_seconds`.

    Rows whose numbers are in `loses` were acknowledged and are not there.
    The first `stumbles` requests for rows commit one and have no answer for the next.
    RDS tells of start and completion at `told_after`; the reaction alerts at `alerted_after`.
    """

    instance: str = "langpont-staging-db"
    down_after: float = 10.0
    up_after: float = 40.0
    told_after: tuple[float, ...] = (12.0, 55.0, 55.0)
    available_after: float = 70.0
    alerted_after: float | None = 57.0
    look_seconds: float = 0.2
    is_writable: bool = True
    at: float = 1_795_662_000.0
    forced_at: float = field(default=FORCED_NEVER)
    forced: int = 0
    refuses: bool = False
    stumbles: int = 0
    has_table: bool = True
    counts: bool = True
    forgets: bool = True
    loses: frozenset[int] = frozenset()
    rows: set[tuple[int, int]] = field(default_factory=set)

    def now(self) -> float:
        return self.at

    def pause(self, seconds: float) -> None:
        self.at += seconds

    def force_failover(self) -> None:
        if self.refuses:
            raise NothingForcedError("nothing was forced: RDS refused it: AccessDenied")
        self.forced += 1
        self.forced_at = self.at

    @property
    def database(self) -> Self:
        return self

    def look(self) -> ProbeAnswer:
        self.at += self.look_seconds
        if not self._takes_writes():
            return ProbeAnswer(is_writable=False, error="nobody answered")
        return ProbeAnswer(is_writable=True, replicas=(ReplicaSeen("replica-1", "streaming", 0, 0.0),))

    def write(self, run: int, first: int, count: int) -> ProbeAnswer:
        if not self.has_table:
            return ProbeAnswer(is_writable=False, error='relation "langpont_drill_writes" does not exist (42P01)')
        if self.stumbles:
            self.stumbles -= 1
            self.rows.add((run, first))
            return ProbeAnswer(is_writable=False, error="it takes no writes: lock timeout", acknowledged=1, in_doubt=1)
        answer = self.look()
        if answer.is_writable:
            self.rows |= {(run, number) for number in range(first, first + count)}
            return replace(answer, acknowledged=count)
        return replace(answer, in_doubt=1)

    def present(self, run: int) -> set[int]:
        if not self.counts:
            raise LocalError("the probe failed: out of memory")
        return {number for owner, number in self.rows if owner == run and number not in self.loses}

    def forget(self, run: int) -> None:
        if not self.forgets:
            raise LocalError("the probe failed: Task timed out")
        self.rows = {row for row in self.rows if row[0] != run}

    def _takes_writes(self) -> bool:
        return self.is_writable and not self.down_after <= self.at - self.forced_at < self.up_after

    def is_available(self) -> bool:
        return self.at - self.forced_at >= self.available_after

    def failover_told_at(self, since: datetime) -> list[datetime]:
        if since > self._moment(0.0):
            raise LocalError("asked for what came before")
        return [self._moment(after) for after in self.told_after if self.at - self.forced_at >= after]

    def alerted_at(self, since: datetime) -> datetime | None:
        if self.alerted_after is None or self.at - self.forced_at < self.alerted_after:
            return None
        return self._moment(self.alerted_after)

    def _moment(self, after: float) -> datetime:
        return datetime.fromtimestamp(self.forced_at, UTC) + timedelta(seconds=after)
