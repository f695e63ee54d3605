"""Whether a drill kept what was promised is decided over its numbers, and a counting that finds nothing is no proof."""

from dataclasses import replace

import pytest

from local.drill.runs import ALERT_SECONDS, RTO_SECONDS, Control, Drill, spread
from local.reports.objectives import Verdict
from tests.drills import a_control, a_drill, a_run, good_controls


def _verdicts(drill: Drill) -> list[Verdict]:
    return [objective.verdict for objective in drill.objectives]


def test_quick_drill_without_loss_passes() -> None:
    drill = a_drill(a_run(1), a_run(2))

    assert _verdicts(drill) == [Verdict.PASSED] * 4
    assert drill.is_passed


def test_one_slow_recovery_fails_the_recovery_time() -> None:
    drill = a_drill(a_run(1), a_run(2, first_write=RTO_SECONDS))

    assert _verdicts(drill)[0] is Verdict.FAILED
    assert not drill.is_passed


@pytest.mark.parametrize("took", [ALERT_SECONDS, None])
def test_late_or_missing_alert_fails_the_automations_share(took: float | None) -> None:
    drill = a_drill(a_run(1), a_run(2, event_to_alert=took))

    assert _verdicts(drill)[1] is Verdict.FAILED
    assert not drill.is_passed


def test_missing_alert_is_counted_in_words() -> None:
    drill = a_drill(a_run(1), a_run(2, event_to_alert=None))

    assert drill.objectives[1].measured.endswith("missing in 1 of 2 runs")


def test_single_lost_write_fails_the_loss() -> None:
    drill = a_drill(a_run(1), a_run(2, lost=1))

    assert drill.objectives[2].measured == "1 of 1800 lost"
    assert not drill.is_passed


def test_run_without_any_write_proves_nothing() -> None:
    run = a_run()
    assert run.account is not None
    empty = replace(run, account=replace(run.account, acknowledged=0))

    assert a_drill(empty).objectives[2].verdict is Verdict.FAILED


def test_probe_that_keeps_no_rows_measures_no_loss_and_fails_nothing() -> None:
    drill = a_drill(replace(a_run(), account=None), controls=())

    assert drill.objectives[2].verdict is Verdict.NOT_MEASURED
    assert drill.is_passed


@pytest.mark.parametrize(
    "controls",
    [
        (a_control("asynchronous", lost=0), a_control("synchronous", lost=0)),
        (a_control("asynchronous", lost=200), a_control("synchronous", lost=1)),
        (a_control("synchronous", lost=0),),
    ],
    ids=["finds no loss", "loses where it must not", "has nothing to find"],
)
def test_counting_that_is_not_proven_fails_the_drill(controls: tuple[Control, ...]) -> None:
    drill = replace(a_drill(a_run()), controls=controls)

    assert _verdicts(drill)[-1] is Verdict.FAILED
    assert not drill.is_passed


def test_proven_counting_is_said_in_words() -> None:
    drill = a_drill(a_run(), controls=good_controls())

    assert drill.objectives[-1].measured == "asynchronous: 200 of 600 lost; synchronous: 0 of 600 lost"


def test_drill_without_a_run_is_not_passed() -> None:
    assert not a_drill().is_passed


def test_spread_leaves_out_what_was_not_measured() -> None:
    assert spread([3.0, None, 1.0, 2.0]) == (1.0, 2.0, 3.0)
    assert spread([None]) is None
