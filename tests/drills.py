"""Drills that were never run, for the tests of what is made of them."""

from datetime import UTC, datetime

from local.drill.runs import Control, Drill, DrillRun, Moment
from local.drill.writes import WriteAccount
from local.reports.attempts import Slice

LOST_AT = datetime(2026, 11, 26, 3, 0, 0, tzinfo=UTC)
SLICES = (Slice(-0.1, 40, 0, 1.5, 4.0), Slice(0.0, 3, 4, 1.8, 5.0), Slice(0.1, 0, 0), Slice(0.2, 50, 0, 2.0, 30.0))


def a_run(
    number: int = 1, *, first_write: float | None = 0.6, event_to_alert: float | None = 0.4, lost: int = 0
) -> DrillRun:
    """Return a run that was quick and lost nothing, unless told otherwise."""
    moments = {Moment.DETECTED: 0.3, Moment.PROMOTED: 0.5, Moment.EVENT: 1.1, Moment.ALERT: 1.5, Moment.REJOINED: 4.0}
    if first_write is not None:
        moments[Moment.FIRST_WRITE] = first_write
    counted = WriteAccount(acknowledged=900, lost=lost, in_doubt_present=1, in_doubt_absent=3)
    return DrillRun(number, "killed", LOST_AT, moments, counted, 0.61, event_to_alert, SLICES)


def a_drill(*runs: DrillRun, controls: tuple[Control, ...] | None = None, instance: str = "langpont-prod-db") -> Drill:
    """Return a drill of these runs, its counting proven unless told otherwise."""
    return Drill("embedded", instance, LOST_AT, runs, good_controls() if controls is None else controls, ("A note.",))


def good_controls() -> tuple[Control, ...]:
    """Return the two controls as they have to be."""
    return a_control("asynchronous", lost=200), a_control("synchronous", lost=0)


def a_control(replication: str, *, lost: int) -> Control:
    """Return a control that lost so many of 600 writes."""
    return Control(replication, WriteAccount(600, lost, 0, 4))
