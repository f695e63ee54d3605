"""A load passes only where every promise was kept, and says which was not."""

from dataclasses import replace

import pytest

from local.errors import LocalError
from local.load.figures import Phase
from local.load.measured import FAILOVER, PACKAGE, POOLED, Outage
from local.load.wishes import Wishes
from local.reports.objectives import Verdict
from tests.loads import a_phase, a_report, a_round

WHOLE = Outage(0.7, 0.8, events=90, lost=0, twice=0)


def test_load_that_kept_every_promise_passes() -> None:
    report = a_report()

    assert report.is_passed
    assert [objective.identifier for objective in report.objectives] == ["O4", "O5", "O6", "D5", "D5", "D5"]


@pytest.mark.parametrize(
    ("phase", "place"),
    [
        (a_phase(POOLED, clients=299), 0),
        (a_phase(POOLED, a_round(errors=("pgbench: failed",))), 0),
        (a_phase(POOLED, replace(a_round(), connections={"primary": 31})), 0),
        (a_phase(POOLED, replace(a_round(), connections={})), 0),
        (a_phase(POOLED, a_round(took_ms=100.5)), 1),
        (a_phase(POOLED, a_round(1000, late_seconds=0.05)), 2),
        (a_phase(POOLED, offered=999), 2),
        (a_phase(PACKAGE, a_round(499)), 3),
        (a_phase(PACKAGE, a_round(600, took_ms=100.5)), 3),
        (a_phase(PACKAGE, a_round(600, errors=("announced ConnectionLostError",))), 3),
        (a_phase(FAILOVER, a_round(300, errors=("other OperationalError: gone",))), 5),
    ],
)
def test_phase_that_misses_its_promise_fails_that_one(phase: Phase, place: int) -> None:
    report = a_report(phase)

    assert [one.verdict for one in report.objectives].index(Verdict.FAILED) == place
    assert not report.is_passed


@pytest.mark.parametrize(("rate", "verdict"), [(656.0, Verdict.FAILED), (658.0, Verdict.PASSED)])
def test_package_that_is_much_slower_than_sqlalchemy_alone_fails(rate: float, verdict: Verdict) -> None:
    report = a_report(package_flat_out=rate)

    assert report.objectives[4].verdict is verdict


@pytest.mark.parametrize(
    "outage",
    [replace(WHOLE, lost=1), replace(WHOLE, twice=1), replace(WHOLE, recovery_seconds=None), replace(WHOLE, events=0)],
)
def test_failover_that_loses_repeats_or_proves_nothing_fails(outage: Outage) -> None:
    report = a_report(outage=outage)

    assert report.objectives[-1].verdict is Verdict.FAILED


@pytest.mark.parametrize("seconds", [0.0, 2.9, 600.5, -1.0])
def test_load_of_no_use_is_refused_with_what_is_allowed(seconds: float) -> None:
    with pytest.raises(LocalError, match="SECONDS is from 3 to 600"):
        Wishes(seconds).require_possible()


@pytest.mark.parametrize(("seconds", "rounds"), [(60.0, 3), (30.0, 3), (20.0, 1), (3.0, 1)])
def test_phases_take_turns_where_rounds_are_long_enough(seconds: float, rounds: int) -> None:
    wishes = Wishes(seconds)

    assert (wishes.rounds, wishes.rounds * wishes.round_seconds) == (rounds, seconds)
