"""What a drill measured: runs, controls, and whether the objectives were met. Knows no database and no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median

from local.drill.writes import WriteAccount
from local.reports.attempts import Slice
from local.reports.objectives import Objective, Verdict

RTO_SECONDS = 300.0
"""O1: service is back within 5 minutes of the loss of the primary's zone."""

ALERT_SECONDS = 30.0
"""O1, the automation's own share: from the event to the alert."""


class Moment(StrEnum):
    """What happens in a failover, in its usual order."""

    DETECTED = "detected"
    PROMOTED = "promoted"
    REPOINTED = "endpoint moved"
    FIRST_WRITE = "first write"
    EVENT = "event: completed"
    ALERT = "alert"
    REJOINED = "standby again"


@dataclass(frozen=True, slots=True)
class DrillRun:
    """One loss of the primary.

    Args:
        number: Counts the runs of a drill from 1.
        mode: How the primary was lost.
        lost_at: When, in UTC.
        moments: Seconds from then to what happened.
        account: What became of the writes; None where only a probe looked.
        outage_seconds: The longest time without a success around the loss.
        event_to_alert_seconds: From RDS's own time of the completion to the alert; None where none was seen.
        slices: The run in short spans.
        notes: What a reader should know beside the numbers.
    """

    number: int
    mode: str
    lost_at: datetime
    moments: dict[Moment, float]
    account: WriteAccount | None
    outage_seconds: float
    event_to_alert_seconds: float | None
    slices: tuple[Slice, ...] = ()
    notes: tuple[str, ...] = ()


class Writer(StrEnum):
    """Who writes while the primary is lost."""

    APPLICATION = "application"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Control:
    """A loss with the standby held back before, which shows whether the counting can find a loss at all.

    Args:
        replication: `synchronous` or `asynchronous`.
        account: What became of the writes.
        writer: Who wrote.
    """

    replication: str
    account: WriteAccount
    writer: Writer = Writer.APPLICATION

    @property
    def loses(self) -> bool:
        """Whether this one has to lose writes."""
        return self.replication == "asynchronous"

    @property
    def name(self) -> str:
        """Which control it is, in words."""
        return self.replication if self.writer is Writer.APPLICATION else f"{self.replication} ({self.writer})"

    @property
    def is_as_expected(self) -> bool:
        """Whether it lost writes exactly if it had to."""
        return (self.account.lost > 0) == self.loses


@dataclass(frozen=True, slots=True)
class Drill:
    """A whole drill.

    Args:
        environment: Which deployment: `embedded`, or one of samconfig.toml.
        instance: The primary's identifier.
        started_at: When it began, in UTC.
        runs: Its runs.
        controls: What shows that a loss would be found; none on AWS.
        notes: What a reader should know before the numbers.
    """

    environment: str
    instance: str
    started_at: datetime
    runs: tuple[DrillRun, ...]
    controls: tuple[Control, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What was promised, and whether it was kept."""
        controls = (_control_objective(self.controls),) if self.controls else ()
        return _recovery(self.runs), _alerting(self.runs), _loss(self.runs), *controls

    @property
    def is_passed(self) -> bool:
        """Whether nothing failed; what this place cannot measure does not count."""
        return bool(self.runs) and all(objective.verdict is not Verdict.FAILED for objective in self.objectives)


def spread(values: Iterable[float | None]) -> tuple[float, float, float] | None:
    """Return the least, the median and the greatest of what was measured; None where nothing was."""
    known = [value for value in values if value is not None]
    return (min(known), median(known), max(known)) if known else None


def _recovery(runs: Sequence[DrillRun]) -> Objective:
    back = [run.moments.get(Moment.FIRST_WRITE) for run in runs]
    promise = f"writes are taken again within {RTO_SECONDS:g} s of the loss (RTO)"
    return Objective("O1", promise, _in_words(back), _within(back, RTO_SECONDS))


def _alerting(runs: Sequence[DrillRun]) -> Objective:
    took = [run.event_to_alert_seconds for run in runs]
    promise = f"the alert is out within {ALERT_SECONDS:g} s of RDS's event"
    return Objective("O1", promise, _in_words(took), _within(took, ALERT_SECONDS))


def _loss(runs: Sequence[DrillRun]) -> Objective:
    promise = "no acknowledged write is lost (RPO 0)"
    accounts = [run.account for run in runs if run.account]
    if not accounts or len(accounts) < len(runs):
        return Objective("O2", promise, "the probe's rows could not be written or counted", Verdict.NOT_MEASURED)
    lost, of = sum(one.lost for one in accounts), sum(one.acknowledged for one in accounts)
    return Objective("O2", promise, f"{lost} of {of} lost", Verdict.FAILED if lost or not of else Verdict.PASSED)


def _control_objective(controls: Sequence[Control]) -> Objective:
    found = "; ".join(f"{one.name}: {one.account.lost} of {one.account.acknowledged} lost" for one in controls)
    good = all(one.is_as_expected for one in controls) and any(one.loses for one in controls)
    promise = "the counting finds lost writes where the standby is held back and commits do not wait for it"
    return Objective("control", promise, found, Verdict.PASSED if good else Verdict.FAILED)


def _in_words(values: Sequence[float | None]) -> str:
    found = spread(values)
    missing = sum(value is None for value in values)
    words = f"median {found[1]:.2f} s, slowest {found[2]:.2f} s" if found else "nothing was seen"
    return f"{words}; missing in {missing} of {len(values)} runs" if found and missing else words


def _within(values: Sequence[float | None], limit: float) -> Verdict:
    return Verdict.PASSED if values and all(v is not None and v < limit for v in values) else Verdict.FAILED
