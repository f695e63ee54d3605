"""A client process begins transactions at its rate, one at a time a client, and says what became of each."""

import io
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from benchmarks import load_client
from benchmarks.load_client import EVENT, Step, run_step
from langpont_db import ConnectionLostError

WEIGHTS = {"history": 70, "translation": 15, "event": 15}


@dataclass(slots=True)
class FakeApplication:
    """Answers at once, or with an error."""

    error: Exception | None = None
    answer: threading.Event | None = None
    reads: int = 0
    marks: list[str] = field(default_factory=list)
    is_closed: bool = False

    def read_history(self, user_id: int) -> None:
        self.reads += 1
        if self.answer:
            self.answer.wait()
        if self.error:
            raise self.error

    def insert(self, statement: Any, parameters: dict[str, Any]) -> None:
        if statement is EVENT:
            self.marks.append(parameters["session_id"])
        if self.error:
            raise self.error

    def close(self) -> None:
        self.is_closed = True


def _step(**changes: Any) -> Step:
    fields = {"begins_at": time.time(), "seconds": 0.5, "rate": 200.0, "clients": 20, "mark": "m", "seed": 1}
    return Step(**{**fields, **changes})


def test_every_transaction_is_due_within_the_step_and_told_with_its_kind() -> None:
    step = _step()

    done = run_step(FakeApplication(), step, WEIGHTS)

    assert {kind for kind, *_ in done} == set(WEIGHTS)
    assert all(step.begins_at <= due < step.begins_at + step.seconds for _, due, *_ in done)
    assert all(ended >= due and not error for _, due, ended, error, _ in done)


def test_events_have_marks_of_their_own_that_reach_the_application() -> None:
    application = FakeApplication()

    done = run_step(application, _step(), {"event": 1})

    marks = [mark for *_, mark in done]
    assert marks
    assert len(set(marks)) == len(marks)
    assert sorted(marks) == sorted(application.marks)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionLostError("gone"), "announced ConnectionLostError"),
        (
            OperationalError("SELECT 1", {}, Exception("gone\nmore")),
            "other OperationalError: (builtins.Exception) gone",
        ),
    ],
)
def test_announced_errors_are_told_apart_from_others(error: Exception, told: str) -> None:
    done = run_step(FakeApplication(error), _step(seconds=0.1), WEIGHTS)

    assert {error for *_, error, _ in done} == {told}


def test_clients_that_hang_are_told_as_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_client, "GRACE_SECONDS", 0.1)
    application = FakeApplication(answer=threading.Event())

    done = run_step(application, _step(seconds=0.1), {"history": 1})

    assert application.answer
    application.answer.set()
    assert len(done) == application.reads > 0
    assert {error for *_, error, _ in done} == {"other hangs"}


def test_process_answers_each_line_and_closes_at_the_end_of_its_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    application = FakeApplication()
    monkeypatch.setitem(load_client.APPLICATIONS, "fake", lambda writer, reader: application)
    job = {"application": "fake", "writer_url": "w", "reader_url": "r", "weights": WEIGHTS}
    step = {"begins_at": time.time(), "seconds": 0.1, "rate": 200.0, "clients": 5, "mark": "m", "seed": 1}
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{json.dumps(job)}\n{json.dumps(step)}\n"))

    load_client.main()

    ready, answer = capsys.readouterr().out.splitlines()
    assert json.loads(ready) == "ready"
    assert len(json.loads(answer)) > 0
    assert application.is_closed
