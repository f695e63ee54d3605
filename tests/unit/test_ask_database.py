"""What probe_database is asked for: a look at the primary, a node's word on a cause, or the rows of a drill."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rds_operations.domain.diagnoses import Diagnosis, DiagnosisKind, DiagnosisQuery, DiagnosisRequest
from rds_operations.domain.drill_writes import DrillAction, DrillRequest, DrillRows
from rds_operations.domain.errors import InvalidEventError, RefusedError, RetryableError
from rds_operations.domain.probes import ProbeResult
from rds_operations.runtime.diagnoses import load_diagnoses
from rds_operations.runtime.events.probe_request import requested_look
from rds_operations.usecases.ask_database import AskedDatabases, ask_database
from tests.fakes.clock import FakeClock
from tests.fakes.database import FakeServer
from tests.fakes.questions import FakeQuestions
from tests.samples import sample, sample_names

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
QUESTIONS = load_diagnoses(Path(__file__).parents[2] / "functions/probe_database/diagnoses")
PRIMARY, REPLICA = "langpont-prod-db", "langpont-prod-replica-1"
WRITE = DrillRequest(DrillAction.WRITE, 7, first=11, count=5)


def asked(server: FakeServer, clock: FakeClock | None = None) -> AskedDatabases:
    questions = {PRIMARY: FakeQuestions([{"line": "primary"}]), REPLICA: FakeQuestions([{"line": "replica"}])}
    return AskedDatabases(primary=PRIMARY, probe=server, questions=questions, clock=clock or FakeClock(NOW))


def drill(request: DrillRequest, server: FakeServer, clock: FakeClock | None = None) -> ProbeResult | DrillRows:
    result = ask_database(request, asked(server, clock))
    assert not isinstance(result, Diagnosis)
    return result


@pytest.mark.parametrize("name", sample_names("probe_database"))
def test_every_sample_asks_for_what_its_name_says(name: str) -> None:
    request = requested_look(sample("probe_database", name), QUESTIONS, [PRIMARY, REPLICA])

    match request:
        case DiagnosisRequest(query):
            said = f"diagnose_{query.kind}"
        case DrillRequest(action):
            said = f"drill_{action}"
        case None:
            said = "on_demand"
    assert said == name


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ([], "the event is \\[\\], allowed: an empty object"),
        (None, "the event is missing"),
        ({"write": True}, "allowed: .*connections, statements, replication, replay, storage, locks"),
        ({"diagnosis": 7}, "diagnosis is 7, allowed: one of connections"),
        ({"diagnosis": None}, "diagnosis is missing, allowed: one of connections"),
        ({"server": REPLICA}, "diagnosis is missing, allowed: one of connections"),
        ({"diagnosis": "locks", "server": "other"}, f"server is 'other', allowed: one of {PRIMARY}, {REPLICA}"),
        ({"drill": "drop", "run": 1}, "drill is 'drop', allowed: one of write, count, forget"),
        ({"drill": ["write"], "run": 1}, "drill is \\['write'\\], allowed: one of"),
        ({"drill": "count"}, "the event is .*, allowed: with drill count: drill, run"),
        ({"drill": "count", "run": 1, "first": 1}, "the event is .*, allowed: with drill count: drill, run"),
        ({"drill": "count", "run": "1"}, "run is '1', allowed: a whole number from 1 to"),
        ({"drill": "forget", "run": True}, "run is True, allowed: a whole number"),
        ({"drill": "write", "run": 1, "first": 0, "count": 1}, "first is 0, allowed: a whole number from 1"),
        ({"drill": "write", "run": 1, "first": 1, "count": 101}, "count is 101, allowed: a whole number from 1 to 100"),
    ],
)
def test_other_request_is_refused_with_what_is_allowed(event: object, words: str) -> None:
    with pytest.raises(InvalidEventError, match=words):
        requested_look(event, QUESTIONS, [PRIMARY, REPLICA])


@pytest.mark.parametrize(("server", "line"), [("", "primary"), (PRIMARY, "primary"), (REPLICA, "replica")])
def test_question_goes_to_the_server_that_is_named(server: str, line: str) -> None:
    request = DiagnosisRequest(DiagnosisQuery(DiagnosisKind.LOCKS, "SELECT 1"), server)

    looked_at = FakeServer()

    assert ask_database(request, asked(looked_at)) == Diagnosis(DiagnosisKind.LOCKS, (line,))
    assert looked_at.writes == 0


def test_without_a_question_the_server_is_looked_at() -> None:
    answer = ask_database(None, asked(FakeServer()))

    assert isinstance(answer, ProbeResult)
    assert answer.writable is True
    assert "acknowledged" not in answer.as_response()


def test_rows_of_a_drill_are_written_each_for_itself() -> None:
    server = FakeServer()

    result = drill(WRITE, server)

    assert server.rows == [(7, sequence) for sequence in range(11, 16)]
    assert isinstance(result, ProbeResult)
    assert (result.writable, result.acknowledged, server.writes) == (True, 5, 0)


def test_rows_before_the_trouble_stay_acknowledged() -> None:
    server = FakeServer(unwritable=RetryableError("the connection was lost"), rows_before_trouble=13)

    result = drill(WRITE, server)

    assert isinstance(result, ProbeResult)
    assert (result.writable, result.acknowledged) == (False, 3)
    assert result.error == "it takes no writes: the connection was lost"


@pytest.mark.parametrize("server", [FakeServer(in_recovery=True), FakeServer(unreachable=RefusedError("no"))])
def test_server_that_is_no_primary_or_away_gets_no_row(server: FakeServer) -> None:
    result = drill(WRITE, server)

    assert isinstance(result, ProbeResult)
    assert (bool(result.writable), bool(result.acknowledged), server.rows) == (False, False, [])


def test_writing_ends_in_time_and_says_how_far_it_came() -> None:
    clock = FakeClock(NOW, step=timedelta(seconds=0.5))

    result = drill(DrillRequest(DrillAction.WRITE, 7, 1, 100), FakeServer(), clock)

    assert isinstance(result, ProbeResult)
    assert result.writable is True
    assert 1 <= (result.acknowledged or 0) <= 4


def test_rows_that_are_there_are_told_as_series() -> None:
    server = FakeServer()
    server.rows = [(7, 1), (7, 2), (7, 4), (8, 3), (7, 5)]

    result = drill(DrillRequest(DrillAction.COUNT, 7), server)

    assert result == DrillRows(7, ((1, 2), (4, 5)))
    assert result.as_response() == {"run": 7, "present": [[1, 2], [4, 5]], "error": None}


def test_rows_that_cannot_be_counted_are_not_none() -> None:
    result = drill(DrillRequest(DrillAction.COUNT, 7), FakeServer(unasked=RefusedError("no such table")))

    assert result == DrillRows(7, error="no such table")


def test_forgotten_rows_are_gone() -> None:
    server = FakeServer()
    server.rows = [(7, 1), (8, 1)]

    drill(DrillRequest(DrillAction.FORGET, 7), server)

    assert server.rows == [(8, 1)]
