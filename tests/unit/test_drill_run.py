"""`make drill`: what cannot be done is refused before anything is touched, and production only by its name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, cast

import pytest
from typer.testing import CliRunner

from local.__main__ import cli
from local.drill.conditions import Situation
from local.drill.forced import ForcedDrill
from local.drill.losses import Mode
from local.drill.run import Wishes, drill_deployment, typed_name
from local.errors import LocalError
from local.reports.objectives import Verdict
from tests.fakes.drilled_deployment import FakeDeployment

if TYPE_CHECKING:
    from local.drill.aws import DrilledDeployment

NOW = datetime.now(UTC)
PROD = Situation(
    instance="langpont-prod-db",
    environment="prod",
    status="available",
    is_multi_az=True,
    is_writable=True,
    restorable_until=NOW,
    newest_snapshot_at=NOW,
)


class SituationOnly:
    """A deployment that must not be failed over in these tests."""

    def __init__(self, situation: Situation) -> None:
        self.instance = situation.instance
        self._situation = situation
        self.forced = 0

    def situation(self) -> Situation:
        return self._situation

    def force_failover(self) -> None:
        self.forced += 1


def _refused(situation: Situation, wishes: Wishes) -> str:
    deployment = SituationOnly(situation)
    with pytest.raises(LocalError) as refusal:
        drill_deployment(cast("DrilledDeployment", deployment), wishes, lambda _: None)
    assert deployment.forced == 0
    return str(refusal.value)


@pytest.mark.parametrize(
    ("wishes", "complaint"),
    [
        (Wishes(runs=0), "RUNS is a number from 1 to 100, not 0"),
        (Wishes(runs=101), "RUNS is a number from 1 to 100, not 101"),
        (Wishes(mode=Mode.FROZEN, environment="staging"), "MODE=frozen is for the embedded environment"),
        (Wishes(runs=2, environment="staging"), "RUNS is 1 with ENV"),
    ],
)
def test_wish_that_cannot_be_fulfilled_is_refused(wishes: Wishes, complaint: str) -> None:
    with pytest.raises(LocalError, match=complaint):
        wishes.require_possible()


@pytest.mark.parametrize(
    "wishes", [Wishes(), Wishes(runs=100, mode=Mode.FROZEN), Wishes(environment="prod"), Wishes(environment="local")]
)
def test_wish_that_can_be_fulfilled_is_not_refused(wishes: Wishes) -> None:
    wishes.require_possible()


def test_production_is_left_alone_when_nobody_types_its_name() -> None:
    assert _refused(PROD, Wishes(environment="prod")).endswith("set CONFIRM=langpont-prod-db")


@pytest.mark.parametrize("typed", ["yes", "langpont-staging-db", "LANGPONT-PROD-DB"])
def test_production_is_left_alone_when_another_name_is_typed(typed: str) -> None:
    complaint = _refused(PROD, Wishes(environment="prod", confirmed=typed))

    assert complaint == "no failover was forced: the name typed is not langpont-prod-db"


def test_typed_name_does_not_outweigh_a_reason_against_it() -> None:
    situation = replace(PROD, alarms_on=("langpont-prod-storage-low",), newest_snapshot_at=None)

    complaint = _refused(situation, Wishes(environment="prod", confirmed="langpont-prod-db"))

    assert complaint == ("no failover was forced: there is no good snapshot; alarms are on: langpont-prod-storage-low")


class Marked(FakeDeployment):
    """A deployment that notes what it is told of a drill."""

    def __init__(self, *, refuses_marks: bool = False) -> None:
        super().__init__()
        self.said: list[str] = []
        self._refuses_marks = refuses_marks

    @property
    def notices(self) -> Self:
        return self

    def situation(self) -> Situation:
        return replace(PROD, environment="staging", instance=self.instance)

    @contextmanager
    def marked(self, report: str, say: Callable[[str], None], *, is_lost: Callable[[], bool]) -> Iterator[None]:
        if self._refuses_marks:
            raise LocalError("marking langpont-staging-db as drilled failed: AccessDenied")
        self.said += [f"marked, report at {report}", f"forced {self.forced} times"]
        try:
            yield
        finally:
            say("the mark was shortened")
            self.said.append(f"unmarked, forced {self.forced} times, lost: {is_lost()}")


@pytest.fixture
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def drill(deployment: Marked, say: Callable[[str], None]) -> ForcedDrill:
        return ForcedDrill(deployment, say, now=deployment.now, pause=deployment.pause)

    monkeypatch.setattr("local.drill.run.ForcedDrill", drill)


@pytest.mark.usefixtures("in_no_time")
def test_instance_is_marked_before_it_is_forced_and_lost_writes_are_counted() -> None:
    deployment, wishes = Marked(), Wishes(environment="staging", report_address="https://reports.example.com/drill")

    drill = drill_deployment(cast("DrilledDeployment", deployment), wishes, lambda _: None)

    assert deployment.said == [
        *("marked, report at https://reports.example.com/drill", "forced 0 times"),
        "unmarked, forced 1 times, lost: True",
    ]
    assert [objective.verdict for objective in drill.objectives] == [Verdict.PASSED] * 3
    assert drill.is_passed


@pytest.mark.usefixtures("in_no_time")
def test_mark_is_told_that_nothing_was_forced() -> None:
    deployment = Marked()
    deployment.refuses = True

    with pytest.raises(LocalError, match="nothing was forced: RDS refused it"):
        drill_deployment(cast("DrilledDeployment", deployment), Wishes(environment="staging"), lambda _: None)

    assert deployment.said[-1] == "unmarked, forced 0 times, lost: False"


@pytest.mark.usefixtures("in_no_time")
def test_instance_that_cannot_be_marked_is_left_alone() -> None:
    deployment = Marked(refuses_marks=True)

    with pytest.raises(LocalError, match="marking langpont-staging-db as drilled failed"):
        drill_deployment(cast("DrilledDeployment", deployment), Wishes(environment="staging"), lambda _: None)

    assert deployment.forced == 0


def test_address_of_the_report_is_refused_before_anything_is_done() -> None:
    with pytest.raises(LocalError, match="REPORT_URL is 'http://x', allowed: https://"):
        Wishes(report_address="http://x").require_possible()


def test_name_given_beforehand_is_the_answer() -> None:
    assert typed_name("langpont-prod-db", "langpont-prod-db") == "langpont-prod-db"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--env", "nowhere"], "there is no environment 'nowhere'"),
        (["--env", "staging", "--mode", "killed"], "MODE=killed is for the embedded environment"),
        (["--runs", "0"], "RUNS is a number from 1 to 100, not 0"),
        (["--runs", "abc"], "RUNS is a number from 1 to 100, not abc"),
        (["--runs", "1.5"], "RUNS is a number from 1 to 100, not 1.5"),
        (["--mode", "drowned"], "MODE is forced, killed or frozen, not drowned"),
    ],
)
def test_mistake_on_the_command_line_is_one_line(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(cli, ["drill", *arguments])

    assert result.exit_code == 1
    assert result.output.startswith(f"error: {complaint}")
    assert len(result.output.splitlines()) == 1
