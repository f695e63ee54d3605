"""A forced failover of a deployment is measured by looks, and ends when RDS and the database both say it is over."""

from contextlib import suppress

import pytest

from local.drill.forced import COMPLETED_WITHIN_SECONDS, ForcedDrill
from local.drill.probed_writes import ROWS_A_LOOK
from local.drill.probes import Probe, ProbeAnswer, as_slices, find_outage
from local.drill.runs import DrillRun, Moment
from local.errors import LocalError
from tests.fakes.drilled_deployment import FakeDeployment

GOOD, BAD = ProbeAnswer(is_writable=True), ProbeAnswer(is_writable=False, error="nobody answered")


def _drill(deployment: FakeDeployment, said: list[str] | None = None) -> ForcedDrill:
    said = [] if said is None else said
    return ForcedDrill(deployment, said.append, now=deployment.now, pause=deployment.pause)


def _drilled(deployment: FakeDeployment) -> DrillRun:
    return _drill(deployment).run()


def _probes(*answers: ProbeAnswer) -> list[Probe]:
    return [Probe(at, at + 0.5, answer) for at, answer in enumerate(answers)]


def test_outage_is_measured_to_within_the_time_between_two_looks() -> None:
    run = _drilled(FakeDeployment(down_after=10.0, up_after=40.0))

    assert 30.0 <= run.outage_seconds <= 32.5
    assert 40.0 <= run.moments[Moment.FIRST_WRITE] <= 41.5


def test_rds_and_the_reaction_give_the_other_moments() -> None:
    run = _drilled(FakeDeployment(told_after=(12.0, 55.0, 55.0), alerted_after=57.0))

    assert (run.moments[Moment.DETECTED], run.moments[Moment.EVENT]) == (12.0, 55.0)
    assert run.event_to_alert_seconds == 2.0


def test_drill_goes_on_until_rds_calls_the_instance_available() -> None:
    deployment = FakeDeployment(available_after=70.0)

    _drilled(deployment)

    assert deployment.now() - deployment.forced_at >= 70.0
    assert deployment.forced == 1


def test_every_acknowledged_row_is_counted_and_none_stays() -> None:
    deployment = FakeDeployment()

    run = _drilled(deployment)

    assert run.account is not None
    assert run.account.acknowledged >= 30 * ROWS_A_LOOK
    assert (run.account.lost, run.account.in_doubt > 0) == (0, True)
    assert deployment.rows == set()


def test_row_that_was_acknowledged_and_is_gone_is_lost() -> None:
    run = _drilled(FakeDeployment(loses=frozenset({26, 27})))

    assert run.account is not None
    assert run.account.lost == 2


@pytest.mark.parametrize(
    ("deployment", "remark"),
    [
        (FakeDeployment(has_table=False), 'not counted: relation "langpont_drill_writes" does not exist (42P01).'),
        (FakeDeployment(counts=False), "not counted: the probe failed: out of memory."),
    ],
)
def test_rows_that_cannot_be_counted_are_no_proof_and_said(deployment: FakeDeployment, remark: str) -> None:
    run = _drilled(deployment)

    assert run.account is None
    assert run.outage_seconds > 0
    assert run.notes[-1] == f"Lost writes were {remark}"
    assert deployment.rows == set()


@pytest.mark.parametrize(
    ("deployment", "complaint"),
    [
        (FakeDeployment(told_after=(1.0,)), "no completed failover"),
        (FakeDeployment(refuses=True), "RDS refused it: AccessDenied"),
        (FakeDeployment(stumbles=2), "even now .the probe says: it takes no writes: lock timeout"),
    ],
    ids=["abandoned", "refused", "not forced"],
)
def test_drill_that_fails_leaves_no_row_either(deployment: FakeDeployment, complaint: str) -> None:
    with pytest.raises(LocalError, match=complaint):
        _drilled(deployment)

    assert deployment.rows == set()


def test_drill_that_is_interrupted_leaves_no_row_either() -> None:
    deployment = FakeDeployment()

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ForcedDrill(deployment, list[str]().append, now=deployment.now, pause=interrupted).run()

    assert deployment.rows == set()


def test_rows_that_stay_are_said() -> None:
    said: list[str] = []

    run = _drill(FakeDeployment(forgets=False), said).run()

    assert run.account is not None
    assert run.notes[-1].startswith("The drill's rows stay: the probe failed: Task timed out. The next drill, a day")
    assert said == [run.notes[-1]]


def test_rows_that_stay_hide_nothing_of_why_the_drill_failed() -> None:
    said: list[str] = []

    with pytest.raises(LocalError, match="no completed failover"):
        _drill(FakeDeployment(told_after=(), forgets=False), said).run()

    assert [line.startswith("The drill's rows stay: ") for line in said] == [True]


def test_first_answer_that_stumbles_turns_no_counting_off() -> None:
    run = _drilled(FakeDeployment(stumbles=1, loses=frozenset({1})))

    assert run.account is not None
    assert (run.account.lost, run.account.in_doubt_absent > 0) == (1, True)


def test_rows_that_are_refused_twice_force_nothing() -> None:
    deployment = FakeDeployment(stumbles=2)

    with pytest.raises(LocalError, match="nothing was forced"):
        _drilled(deployment)

    assert deployment.forced == 0


@pytest.mark.parametrize(("deployment", "is_forced"), [(FakeDeployment(refuses=True), False), (FakeDeployment(), True)])
def test_drill_knows_whether_it_forced_a_failover(deployment: FakeDeployment, *, is_forced: bool) -> None:
    drill = _drill(deployment)

    with suppress(LocalError):
        drill.run()

    assert drill.is_forced is is_forced


def test_failover_between_two_looks_is_said_to_be_shorter() -> None:
    run = _drilled(FakeDeployment(down_after=12.05, up_after=12.1))

    assert run.outage_seconds == 0.0
    assert run.notes[0] == "No look failed: the outage was shorter than the 1 s between two looks."
    assert 12.0 <= run.moments[Moment.FIRST_WRITE] <= 13.5


def test_database_that_takes_no_writes_is_left_alone() -> None:
    deployment = FakeDeployment(is_writable=False)

    with pytest.raises(LocalError, match="nothing was forced: langpont-staging-db takes no writes even now"):
        _drilled(deployment)

    assert deployment.forced == 0


def test_abandoned_failover_ends_with_what_to_read() -> None:
    deployment = FakeDeployment(told_after=(1.0,))

    with pytest.raises(LocalError, match=f"within {COMPLETED_WITHIN_SECONDS:g} s; it abandons .*failover.md"):
        _drilled(deployment)


def test_missing_alert_is_waited_for_and_then_missing() -> None:
    run = _drilled(FakeDeployment(alerted_after=None))

    assert run.event_to_alert_seconds is None
    assert Moment.ALERT not in run.moments


def test_outage_reaches_from_the_last_good_look_to_the_next() -> None:
    outage = find_outage(_probes(GOOD, GOOD, BAD, GOOD, BAD, GOOD), forced_at=1.0)

    assert outage is not None
    assert (outage.last_good, outage.back) == (1, 5.5)


def test_outage_that_does_not_end_is_none() -> None:
    assert find_outage(_probes(GOOD, BAD, BAD), forced_at=0.0) is None


def test_look_that_failed_before_the_request_is_not_counted() -> None:
    assert find_outage(_probes(BAD, GOOD, GOOD), forced_at=1.0) is None


def test_every_look_is_a_span_of_its_own() -> None:
    good, bad = as_slices(_probes(GOOD, BAD), forced_at=1.0)

    assert (good.at, good.acknowledged, good.slowest_ms) == (-0.5, 1, 500.0)
    assert (bad.at, bad.failed, bad.slowest_ms) == (0.5, 1, None)


def test_answer_of_the_function_is_read_with_its_replicas() -> None:
    response = {
        "writable": True,
        "replicas": [{"name": "a", "state": "streaming", "replay_lag_bytes": 7, "replay_lag_seconds": None}],
        "error": None,
    }

    answer = ProbeAnswer.of(response)

    assert answer.is_writable
    assert [(one.name, one.lag_bytes, one.lag_seconds) for one in answer.replicas] == [("a", 7, None)]


@pytest.mark.parametrize(
    ("response", "rows"),
    [
        ({"writable": True, "in_recovery": False, "acknowledged": 25}, (25, 0)),
        ({"writable": False, "in_recovery": False, "acknowledged": 7}, (7, 1)),
        ({"writable": False, "in_recovery": True, "acknowledged": 0}, (0, 0)),
        ({"writable": None, "in_recovery": None, "reachable": False}, (0, 0)),
        ({"writable": False, "in_recovery": False}, (0, 0)),
    ],
    ids=["all", "the connection was lost", "a standby", "nobody there", "no drill"],
)
def test_row_without_an_answer_is_in_doubt(response: dict[str, object], rows: tuple[int, int]) -> None:
    answer = ProbeAnswer.of(response)

    assert (answer.acknowledged, answer.in_doubt) == rows


@pytest.mark.parametrize(
    ("error", "is_missing"),
    [
        ('it takes no writes: relation "public.langpont_drill_writes" does not exist (42P01)', True),
        ("it takes no writes: permission denied for table langpont_drill_writes (42501)", True),
        ("it takes no writes: canceling statement due to lock timeout (55P03)", False),
        ("the probe could not be asked: TooManyRequestsException", False),
        (None, False),
    ],
)
def test_only_a_missing_table_or_right_does_without_rows(error: str | None, *, is_missing: bool) -> None:
    assert ProbeAnswer(is_writable=False, error=error).has_no_table is is_missing


@pytest.mark.parametrize("response", [{"writable": None, "replicas": []}, {"writable": False}, {}])
def test_anything_but_a_committed_write_is_no_success(response: dict[str, object]) -> None:
    assert not ProbeAnswer.of(response).is_writable
