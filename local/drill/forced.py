"""A forced failover of a deployment on AWS, measured by writes from inside the VPC, which are removed however it ends.

On AWS this has never been run: the embedded AWS and fakes play it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from local.drill.probed_writes import DrilledDatabase, ProbedWrites
from local.drill.probes import Probe, ProbeAnswer, as_slices, find_outage
from local.drill.runs import DrillRun, Moment
from local.errors import LocalError

LOOKS_BEFORE = 3
# RDS itself speaks of one to two minutes; whoever waits longer than this has an incident.
COMPLETED_WITHIN_SECONDS = 900.0
ALERTED_WITHIN_SECONDS = 120.0
ASK_RDS_EVERY_SECONDS = 3.0
# This machine's clock and RDS's differ, and RDS tells some times in whole seconds.
CLOCK_SLACK = timedelta(seconds=2)
# The start, and then the completion with its reason.
TOLD_TIMES = 2


class NothingForcedError(LocalError):
    """No failover was forced: something speaks against it, or RDS refused."""


class Drillable(Protocol):
    """What a drill needs of a deployment."""

    @property
    def instance(self) -> str:
        """The primary's identifier."""

    def force_failover(self) -> None:
        """Ask RDS for a failover.

        Raises:
            NothingForcedError: RDS refused.
            LocalError: there was no answer; it may come.
        """

    @property
    def database(self) -> DrilledDatabase:
        """The database, asked from inside the VPC."""

    def is_available(self) -> bool:
        """Tell whether RDS calls the instance available."""

    def failover_told_at(self, since: datetime) -> list[datetime]:
        """Return when RDS's history has events of a failover, oldest first."""

    def alerted_at(self, since: datetime) -> datetime | None:
        """Return when the reaction alerted of the completion."""


@dataclass(slots=True)
class ForcedDrill:
    """One forced failover.

    Args:
        deployment: Whose.
        say: Told what is left behind.
        every_seconds: The time between the beginnings of two looks.
        now: Unix time in seconds.
        pause: Waits for seconds.
    """

    deployment: Drillable
    say: Callable[[str], None]
    every_seconds: float = 1.0
    now: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    probes: list[Probe] = field(default_factory=list)
    is_forced: bool = False
    _writes: ProbedWrites | None = None
    _remarks: list[str] = field(default_factory=list)

    def run(self) -> DrillRun:
        """Force it, write until RDS has completed it and writes are taken, count, and wait for the alert.

        However it ends, the rows are removed.

        Raises:
            NothingForcedError: the database takes no writes even before, or RDS refused.
            LocalError: RDS tells of no completion in time.
        """
        self._writes = ProbedWrites(self.deployment.database, self.now)
        try:
            run = self._run(self._writes)
        finally:
            stays = self._remove_rows()
        return replace(run, notes=(*run.notes, *stays))

    def _run(self, writes: ProbedWrites) -> DrillRun:
        self._require_rows(writes)
        for _ in range(LOOKS_BEFORE):
            self._look()
        if failed := [probe.answer for probe in self.probes if not probe.answer.is_writable]:
            raise self._refusal(failed[-1])
        forced_at = self.now()
        since = datetime.fromtimestamp(forced_at, UTC) - CLOCK_SLACK
        self._force()
        told = self._completion(since, forced_at)
        # From the completion on: a second look at an earlier failover tells of its completion, too.
        alerted_at = self._alert(told[-1])
        return self._measured(forced_at, told, alerted_at)

    def _remove_rows(self) -> tuple[str, ...]:
        stays = self._writes.removed() if self._writes else ()
        for remark in stays:
            self.say(remark)
        return stays

    def _force(self) -> None:
        # Until RDS says no: a request without an answer may have been taken.
        self.is_forced = True
        try:
            self.deployment.force_failover()
        except NothingForcedError:
            self.is_forced = False
            raise

    def _require_rows(self, writes: ProbedWrites) -> None:
        """Have the first rows written; do without where there is no table for them, or no right to write there."""
        answer = writes.look()
        if not answer.is_writable and not answer.has_no_table:
            # It may have met a connection that was being closed: once is no reason to count nothing, or to give up.
            self.pause(self.every_seconds)
            answer = writes.look()
        if answer.has_no_table:
            self._writes = None
            self._remarks.append(f"Lost writes were not counted: {answer.error}.")
        elif not answer.is_writable:
            raise self._refusal(answer)

    def _refusal(self, answer: ProbeAnswer) -> NothingForcedError:
        why = f" (the probe says: {answer.error})" if answer.error else ""
        return NothingForcedError(f"nothing was forced: {self.deployment.instance} takes no writes even now{why}")

    def _look(self) -> Probe:
        began = self.now()
        answer = self._writes.look() if self._writes else self.deployment.database.look()
        probe = Probe(began, self.now(), answer)
        self.probes.append(probe)
        self.pause(max(0.0, began + self.every_seconds - self.now()))
        return probe

    def _completion(self, since: datetime, forced_at: float) -> list[datetime]:
        asked_at = forced_at
        while self.now() - forced_at < COMPLETED_WITHIN_SECONDS:
            probe = self._look()
            if not probe.answer.is_writable or self.now() - asked_at < ASK_RDS_EVERY_SECONDS:
                continue
            asked_at = self.now()
            told = self.deployment.failover_told_at(since)
            if len(set(told)) >= TOLD_TIMES and self.deployment.is_available():
                return told
        raise LocalError(
            f"RDS told of no completed failover of {self.deployment.instance} within {COMPLETED_WITHIN_SECONDS:g} s; "
            "it abandons one that follows another too soon. See docs/runbooks/failover.md"
        )

    def _alert(self, since: datetime) -> datetime | None:
        ends_at = self.now() + ALERTED_WITHIN_SECONDS
        while not (found := self.deployment.alerted_at(since)) and self.now() < ends_at:
            self.pause(self.every_seconds)
        return found

    def _measured(self, forced_at: float, told: list[datetime], alerted_at: datetime | None) -> DrillRun:
        account, remarks = self._writes.counted() if self._writes else (None, ())
        self._remarks += remarks
        outage = find_outage(self.probes, forced_at)
        started, completed = told[0].timestamp(), told[-1].timestamp()
        # Where no look failed, the first that began after RDS's start proves that writes are taken again.
        back = outage.back if outage else min((p.ended for p in self.probes if p.began >= started), default=None)
        moments = {
            Moment.DETECTED: started,
            Moment.FIRST_WRITE: back,
            Moment.EVENT: completed,
            Moment.ALERT: alerted_at.timestamp() if alerted_at else None,
        }
        return DrillRun(
            number=1,
            mode="forced",
            lost_at=datetime.fromtimestamp(forced_at, UTC),
            moments={name: round(at - forced_at, 3) for name, at in moments.items() if at is not None},
            account=account,
            outage_seconds=round(outage.seconds, 3) if outage else 0.0,
            event_to_alert_seconds=round(alerted_at.timestamp() - completed, 3) if alerted_at else None,
            slices=as_slices(self.probes, forced_at),
            notes=self._notes(is_outage_seen=outage is not None),
        )

    def _notes(self, *, is_outage_seen: bool) -> tuple[str, ...]:
        replicas = ", ".join(f"{one.name} {one.state}" for one in self.probes[-1].answer.replicas) or "none"
        precision = (
            "The outage is an upper bound: from the last look that succeeded before it to the first after it."
            if is_outage_seen
            else f"No look failed: the outage was shorter than the {self.every_seconds:g} s between two looks."
        )
        origin = f"Seconds count from the request, not from the kill. Replicas at the end: {replicas}."
        return precision, origin, *self._remarks
