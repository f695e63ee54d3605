"""An alert about an alarm never waits longer than its limit, and names what it goes without."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any

import pytest

from rds_operations.adapters.alarm_enrichment import BoundedAlarmEnrichment, Sources
from rds_operations.adapters.bounded_enrichment import BoundedEnrichment
from rds_operations.domain.alarm_findings import AlarmFindings, Peak
from rds_operations.domain.alarm_history import StateChange
from rds_operations.domain.alarm_questions import AlarmQuestions, alarm_questions
from rds_operations.domain.alarms import AlarmNotification, AlarmTrigger
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from rds_operations.domain.instances import DbInstance, HistoryEntry
from rds_operations.domain.metric_trends import MetricQuestion
from rds_operations.domain.watched_series import WatchedSeries
from rds_operations.runtime.events.sns_records import parse_sns_records
from tests.fakes.instances import instance
from tests.samples import sample

DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db")
OWN = "langpont-prod-rds-cpu-high"
LIMIT = timedelta(seconds=0.4)
OVERHEAD_SECONDS = 0.4
LAG = AlarmTrigger("ReplicaLag", "Maximum", 60, "GreaterThanThreshold", 30, 5, namespace="AWS/RDS")
CAME_ON = datetime(2026, 11, 23, 18, 10, 54, tzinfo=UTC)
THROTTLED = RetryableError("AWS throttled the call")
DENIED = RefusedError("the call was denied")


@dataclass
class World:
    """All that is asked; each question answers at once, fails, or hangs until the test is over."""

    trouble: dict[str, Exception | str] = field(default_factory=dict)
    released: Event = field(default_factory=Event)
    database: Mapping[str, object] = field(default_factory=lambda: {"lines": ["a line"], "error": None})
    noted: list[str] = field(default_factory=list)
    asked: list[tuple[MetricQuestion, ...]] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)
    watched: list[WatchedSeries] = field(default_factory=list)

    def gather(self, name: str, probe: str = "probe") -> AlarmFindings:
        sources = Sources(BoundedEnrichment(self, LIMIT * 0.8), self, self, self, probe)
        return BoundedAlarmEnrichment(sources, LIMIT, note=self.noted.append).gather(questions(name))

    def describe(self, identifier: str) -> DbInstance:
        return self._answer("describe", lambda: instance(identifier))

    def history(self, identifier: str, looking_back: timedelta) -> tuple[HistoryEntry, ...]:
        return self._answer("events", lambda: ())

    def pending(self, instance_arn: str) -> tuple[str, ...]:
        return self._answer("pending", lambda: (f"of {instance_arn}",))

    def changes(self, alarm_name: str) -> tuple[StateChange, ...]:
        return self._answer("changes", lambda: (StateChange(CAME_ON, "OK", "ALARM"),))

    def values(
        self, questions: Sequence[MetricQuestion], since: datetime, until: datetime
    ) -> Mapping[MetricQuestion, tuple[float, ...]]:
        self.asked.append(tuple(questions))
        self.asked_since.append(since)
        return self._answer("values", lambda: dict.fromkeys(questions, (1.0, 5.0, 3.0)))

    def triggers(self, alarm_names: Sequence[str]) -> Mapping[str, AlarmTrigger]:
        return self._answer("triggers", lambda: dict.fromkeys(alarm_names, LAG))

    def series(self, watched: WatchedSeries, since: datetime, until: datetime) -> tuple[float, ...]:
        self.watched.append(watched)
        self.asked_since.append(since)
        turn = f"series {len(self.watched)}"
        return self._answer(turn if turn in self.trouble else "series", lambda: (1.0, 5.0, 3.0))

    def invoke(self, function_name: str, event: Mapping[str, object]) -> Mapping[str, object]:
        return self._answer("invoke", lambda: {**self.database, "diagnosis": event["diagnosis"]})

    def _answer[T](self, question: str, answer: Callable[[], T]) -> T:
        trouble = self.trouble.get(question)
        if trouble == "hangs":
            self.released.wait(timeout=30)
        if isinstance(trouble, Exception):
            raise trouble
        return answer()


def questions(name: str) -> AlarmQuestions:
    [record] = parse_sns_records(sample("react_to_alarm", name))
    assert isinstance(record, AlarmNotification)
    return alarm_questions(record, "langpont-prod-db", DEPLOYMENT, record.changed_at)


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.released.set()


def test_everything_that_answers_is_found(world: World) -> None:
    found = world.gather("metric_alarm")

    assert found.unavailable == found.all_unavailable() == ()
    assert found.instance.instance == instance("langpont-prod-db")
    assert found.maintenance == ("of arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db",)
    assert [(each.kind, each.lines) for each in found.diagnoses] == [("statements", ("a line",))]
    assert found.trends["CPUUtilization"] == "1 % to 3 % (between 1 % and 5 %) ▁█▅"
    assert (found.past and found.past.times_on, found.peaks) == (1, {})


def test_end_of_an_alarm_has_its_peak_and_no_diagnosis(world: World) -> None:
    found = world.gather("metric_ok")

    assert (found.past and found.past.began_at, found.peaks) == (CAME_ON, {OWN: Peak("CPUUtilization", 5.0)})
    assert found.diagnoses == ()
    own = MetricQuestion("CPUUtilization", (("DBInstanceIdentifier", "langpont-prod-db"),), "AWS/RDS", "Average", 300)
    assert [each.returned.metric for each in world.watched] == [own]
    # Two periods of 300 s had to breach before it came on.
    assert CAME_ON - timedelta(seconds=600) in world.asked_since


def test_end_of_a_composite_alarm_has_the_peaks_of_its_alarms(world: World) -> None:
    found = world.gather("composite_ok")

    assert found.peaks == {
        "langpont-prod-replica-lag-1": Peak("ReplicaLag", 5.0),
        "langpont-prod-replica-replay-1": Peak("ReplicaLag", 5.0),
    }


@pytest.mark.parametrize("trouble", [THROTTLED, DENIED, "hangs"])
def test_composite_alarm_whose_alarms_cannot_be_described_is_told_without_peaks(
    world: World, trouble: Exception | str
) -> None:
    world.trouble["triggers"] = trouble

    found = world.gather("composite_ok")

    assert (found.peaks, len(found.unavailable)) == ({}, 1)


@pytest.mark.parametrize("error", [THROTTLED, DENIED])
def test_alarm_of_a_composite_one_whose_peak_is_not_known_costs_no_other_peak(world: World, error: Exception) -> None:
    world.trouble["series 1"] = error

    found = world.gather("composite_ok")

    assert found.peaks == {"langpont-prod-replica-replay-1": Peak("ReplicaLag", 5.0)}
    assert found.unavailable == (f"the peak of langpont-prod-replica-lag-1: {error}",)
    assert world.noted == list(found.unavailable)


def test_without_a_probe_the_database_is_not_asked(world: World) -> None:
    world.trouble["invoke"] = AssertionError("nobody is to be invoked")

    assert world.gather("metric_alarm", probe="").all_unavailable() == ()


MISSING: dict[str, tuple[str, Callable[[AlarmFindings], Any]]] = {
    "describe": ("metric_alarm", lambda found: found.instance.instance),
    "events": ("metric_alarm", lambda found: found.instance.history),
    "pending": ("metric_alarm", lambda found: found.maintenance),
    "changes": ("metric_alarm", lambda found: found.past),
    "values": ("metric_alarm", lambda found: found.trends or None),
    "invoke": ("metric_alarm", lambda found: found.diagnoses or None),
}


@pytest.mark.parametrize("error", [THROTTLED, DENIED, KeyError("Shape")])
@pytest.mark.parametrize("source", MISSING)
def test_source_that_fails_is_named_and_the_others_are_kept(world: World, source: str, error: Exception) -> None:
    world.trouble[source] = error

    found = world.gather("metric_alarm")

    [sentence] = found.all_unavailable()
    assert (str(error) if isinstance(error, OperationsError) else "failed unexpectedly (KeyError: 'Shape')") in sentence
    for name, (_, answer) in MISSING.items():
        assert (answer(found) is None) is (name == source), name


@pytest.mark.parametrize("source", MISSING)
def test_source_that_hangs_is_given_up_at_the_limit(world: World, source: str) -> None:
    world.trouble[source] = "hangs"
    began = monotonic()

    found = world.gather("metric_alarm")

    assert monotonic() - began < LIMIT.total_seconds() + OVERHEAD_SECONDS
    assert len(found.all_unavailable()) == 1
    assert " took longer than 0." in found.all_unavailable()[0]


def test_all_that_hang_cost_one_limit_and_are_all_named(world: World) -> None:
    world.trouble = dict.fromkeys(MISSING, "hangs")
    began = monotonic()

    found = world.gather("metric_alarm")

    assert monotonic() - began < LIMIT.total_seconds() + OVERHEAD_SECONDS
    assert len(found.all_unavailable()) == len(MISSING)
    assert set(found.unavailable) <= set(world.noted)


@pytest.mark.parametrize("trouble", [THROTTLED, "hangs"])
def test_peak_that_is_not_known_costs_nothing_else(world: World, trouble: Exception | str) -> None:
    world.trouble["series"] = trouble

    found = world.gather("metric_ok")

    assert (found.peaks, found.past and found.past.began_at) == ({}, CAME_ON)
    assert found.instance.instance is not None


def test_database_that_does_not_answer_is_quoted(world: World) -> None:
    world.database = {"lines": [], "error": "no answer within 2 s"}

    found = world.gather("metric_alarm")

    assert found.all_unavailable() == ("asking the database for statements: no answer within 2 s",)
    assert found.database_facts() == {}
