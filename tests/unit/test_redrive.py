"""No dead letter is lost: it is deleted only when Lambda has taken its event, and what stays is named."""

import json

import pytest

from local.errors import LocalError
from local.redrive.letters import Letter
from local.redrive.run import RedriveReport, redrive
from tests.fakes.letter_queue import BATCH, FakeLetterQueue

CAUSE = "RetryableError: the instance is backing up"


def _letter(name: str, request_id: str = "first") -> Letter:
    record = {
        "requestContext": {"requestId": request_id},
        "requestPayload": {"name": name},
        "responsePayload": {"errorType": "RetryableError", "errorMessage": "the instance is backing up"},
    }
    return Letter(name, f"receipt-of-{name}", json.dumps(record), {})


def _redriven(queue: FakeLetterQueue) -> tuple[RedriveReport, list[str]]:
    said: list[str] = []
    return redrive([queue], said.append), said


def test_letter_is_handed_over_and_deleted() -> None:
    queue = FakeLetterQueue(_letter("a"))

    report, said = _redriven(queue)

    assert queue.invoked_with == ['{"name": "a"}']
    assert queue.all_ids == set()
    assert report == RedriveReport(handed_over=1, left=0)
    assert said == [f"CreateSnapshotFunction: handed to it again (cause: {CAUSE})"]


def test_letters_of_more_than_one_batch_are_all_handed_over() -> None:
    queue = FakeLetterQueue(*(_letter(str(number)) for number in range(25)))

    report, said = _redriven(queue)

    assert (report.handed_over, len(said), queue.all_ids) == (25, 25, set())


def test_letters_that_sqs_delivers_twice_are_handed_over_once() -> None:
    letters = [_letter(str(number)) for number in range(BATCH)]
    queue = FakeLetterQueue(*letters, *letters)

    report, _ = _redriven(queue)

    assert len(queue.invoked_with) == BATCH
    assert report == RedriveReport(handed_over=BATCH, left=0)


def test_letter_that_lambda_did_not_take_stays_and_can_be_read_at_once() -> None:
    def refuse(event: str) -> str:
        raise LocalError("invoking CreateSnapshotFunction failed: denied")

    queue = FakeLetterQueue(_letter("a"), when_invoked=refuse)

    report, said = _redriven(queue)

    assert queue.visible_ids == ["a"]
    assert report == RedriveReport(handed_over=0, left=1)
    assert "left letter a in its queue: invoking CreateSnapshotFunction failed: denied" in said[0]
    assert CAUSE in said[0]


def test_one_refused_letter_does_not_stop_the_others() -> None:
    def refuse_b(event: str) -> str:
        if "b" in json.loads(event)["name"]:
            raise LocalError("denied")
        return ""

    queue = FakeLetterQueue(_letter("a"), _letter("b"), _letter("c"), when_invoked=refuse_b)

    report, _ = _redriven(queue)

    assert queue.visible_ids == ["b"]
    assert report == RedriveReport(handed_over=2, left=1)


def test_unknown_letter_is_left_and_no_function_invoked() -> None:
    queue = FakeLetterQueue(Letter("a", "receipt", "hello", {}))

    report, said = _redriven(queue)

    assert (queue.invoked_with, queue.visible_ids) == ([], ["a"])
    assert report.left == 1
    assert said == ["CreateSnapshotFunction: left letter a in its queue: its body is no JSON"]


def test_letter_that_cannot_be_deleted_is_said_to_be_handed_over_and_left() -> None:
    queue = FakeLetterQueue(_letter("a"), undeletable=["a"])

    report, said = _redriven(queue)

    assert queue.visible_ids == ["a"]
    assert report.left == 1
    assert "handed to it again, but deleting letter a failed" in said[0]


def test_what_fails_again_meanwhile_is_not_tried_for_ever() -> None:
    def fail_again(event: str) -> str:
        queue.write(_letter("a-again", request_id="second"))
        return "second"

    queue = FakeLetterQueue(_letter("a"), when_invoked=fail_again)

    report, said = _redriven(queue)

    assert queue.visible_ids == ["a-again"]
    assert report == RedriveReport(handed_over=1, left=1)
    assert said[1].endswith(f"left letter a-again in its queue: it failed again: {CAUSE}")


def test_reports_of_several_queues_are_added_up() -> None:
    queues = [FakeLetterQueue(_letter("a")), FakeLetterQueue(Letter("b", "receipt", "hello", {})), FakeLetterQueue()]

    report = redrive(queues, lambda _: None)

    assert report == RedriveReport(handed_over=1, left=1)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (RedriveReport(), "No dead letters."),
        (RedriveReport(2, 1), "Dead letters: 2 handed to their functions again, 1 left in their queues."),
    ],
)
def test_report_says_what_became_of_the_letters(report: RedriveReport, words: str) -> None:
    assert str(report) == words
