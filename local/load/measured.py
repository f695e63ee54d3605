"""A whole load: its phases, and whether the objectives were met. Knows no database and no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from local.load.figures import Phase
from local.load.ladder import Rung
from local.pooler.configuration import SERVER_CONNECTIONS
from local.reports.objectives import Objective, Verdict

POOLED, DIRECT, PACKAGE, PLAIN, FAILOVER = "pgbench_pooled", "pgbench_direct", "package", "plain", "package_failover"

CLIENTS, RATE = 300, 1000.0
"""O4 and O6: as many clients, and as many transactions a second."""

DIRECT_CLIENTS = 240
"""300 do not fit into the server's 297 connections; this is where the alarm on connections begins."""

LEAST_SHARE = 0.99
MOST_MEAN_MS, GOOD_MEAN_MS = 100.0, 5.0
PACKAGE_RATE, PACKAGE_GOOD_MEAN_MS, PACKAGE_SHARE = 500.0, 10.0, 0.9
ANNOUNCED = "announced "


@dataclass(frozen=True, slots=True)
class Outage:
    """What a failover under load cost the clients of the package.

    Args:
        recovery_seconds: From the request for the failover to the first write acknowledged by the new primary.
        silence_seconds: The longest time without an acknowledged write.
        events: How many rows were acknowledged whose presence was looked up.
        lost: How many of them are not there.
        twice: How many rows are there more than once.
    """

    recovery_seconds: float | None
    silence_seconds: float
    events: int
    lost: int
    twice: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A whole load.

    Args:
        started_at: When it began, in UTC.
        seconds: How long each phase was to be.
        pgbouncer: The pooler's version.
        phases: What was measured, by name.
        ladders: How the rates of the application's clients were found.
        flat_out: Transactions a second without a pause between them, by phase, in turn.
        outage: What the failover cost.
        lost_at: When the failover was asked for, in seconds of its phase.
        notes: What a reader should know before the numbers.
    """

    started_at: datetime
    seconds: float
    pgbouncer: str
    phases: Mapping[str, Phase]
    ladders: Mapping[str, tuple[Rung, ...]]
    flat_out: Mapping[str, tuple[float, ...]]
    outage: Outage
    lost_at: float
    notes: tuple[str, ...] = field(default=())

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What was promised, and whether it was kept."""
        return (
            _connections(self.phases[POOLED]),
            _response(self.phases[POOLED]),
            _throughput(self.phases[POOLED]),
            _package(self.phases[PACKAGE]),
            _overhead(self.flat_out[PACKAGE], self.flat_out[PLAIN]),
            _failover(self.phases[FAILOVER], self.outage),
        )

    @property
    def is_passed(self) -> bool:
        """Whether every objective was met."""
        return all(objective.verdict is Verdict.PASSED for objective in self.objectives)


def _verdict(*, is_met: bool) -> Verdict:
    return Verdict.PASSED if is_met else Verdict.FAILED


def _connections(phase: Phase) -> Objective:
    found = phase.figures
    used = max(found.connections.values(), default=0)
    measured = f"{phase.clients} clients on {used} server connections, {found.error_count} errors"
    is_met = phase.clients >= CLIENTS and not found.errors and 0 < used <= SERVER_CONNECTIONS
    promise = f"{CLIENTS} concurrent connections, without an error, on at most {SERVER_CONNECTIONS} of the server's"
    return Objective("O4", promise, measured, _verdict(is_met=is_met))


def _response(phase: Phase) -> Objective:
    mean = phase.figures.mean_ms
    promise = f"mean response below {MOST_MEAN_MS:g} ms at that load (goal: {GOOD_MEAN_MS:g} ms)"
    return Objective("O5", promise, _ms(mean), _verdict(is_met=mean is not None and mean < MOST_MEAN_MS))


def _throughput(phase: Phase) -> Objective:
    found = phase.figures
    promise = f"{RATE:g} transactions a second: at least {LEAST_SHARE:.0%} of what is due is done in time"
    measured = f"{found.throughput:.0f} of {found.due:.0f} a second"
    is_met = phase.offered >= RATE and found.transactions > 0 and found.throughput >= LEAST_SHARE * found.due
    return Objective("O6", promise, measured, _verdict(is_met=is_met))


def _package(phase: Phase) -> Objective:
    found = phase.figures
    promise = (
        f"langpont_db, {CLIENTS} clients: at least {PACKAGE_RATE:g} transactions a second, mean below "
        f"{MOST_MEAN_MS:g} ms (goal: {PACKAGE_GOOD_MEAN_MS:g} ms), no error"
    )
    measured = f"{found.throughput:.0f} a second, mean {_ms(found.mean_ms)}, {found.error_count} errors"
    is_quick = found.mean_ms is not None and found.mean_ms < MOST_MEAN_MS
    return Objective(
        "D5", promise, measured, _verdict(is_met=found.throughput >= PACKAGE_RATE and is_quick and not found.errors)
    )


def _overhead(package: Sequence[float], plain: Sequence[float]) -> Objective:
    ours, theirs = median(package), median(plain)
    promise = f"langpont_db: at least {PACKAGE_SHARE:g} of plain SQLAlchemy's rate, both flat out and in turn"
    measured = f"{ours:.0f} against {theirs:.0f} a second, {ours / theirs:.2f}" if theirs else "plain did nothing"
    return Objective("D5", promise, measured, _verdict(is_met=bool(theirs) and ours >= PACKAGE_SHARE * theirs))


def _failover(phase: Phase, outage: Outage) -> Objective:
    unannounced = sum(count for error, count in phase.figures.errors.items() if not error.startswith(ANNOUNCED))
    announced = phase.figures.error_count - unannounced
    back = "never" if outage.recovery_seconds is None else f"after {outage.recovery_seconds:.2f} s"
    measured = (
        f"writes again {back}; {announced} announced errors, {unannounced} others; of {outage.events} acknowledged "
        f"rows {outage.lost} lost, {outage.twice} there twice"
    )
    is_whole = outage.events > 0 and outage.lost == outage.twice == 0 and outage.recovery_seconds is not None
    promise = "langpont_db in a failover: errors of the announced kinds only, nothing lost, nothing applied twice"
    return Objective("D5", promise, measured, _verdict(is_met=is_whole and not unannounced))


def _ms(value: float | None) -> str:
    return "nothing measured" if value is None else f"{value:.1f} ms"
