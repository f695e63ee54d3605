"""Every form of dead letter is recognised, and nothing else is taken for one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.redrive.letters import Letter, Repeatable, Unreadable, read_letter

EVENTS = Path(__file__).parents[2] / "events"
SCHEDULED = {"scheduled_time": "2026-11-23T18:00:00Z"}
UNDELIVERED_BY_SCHEDULER = {
    "SCHEDULE_ARN": "arn:aws:scheduler:ap-northeast-1:123456789012:schedule/default/x",
    "TARGET_ARN": "arn:aws:lambda:ap-northeast-1:123456789012:function:x",
    "ERROR_CODE": "AWS.Scheduler.LambdaThrottled",
    "ERROR_MESSAGE": "Rate exceeded",
    "IS_PAYLOAD_TRUNCATED": "false",
}


def _read(body: object, attributes: Mapping[str, str] | None = None) -> Repeatable | Unreadable:
    text = body if isinstance(body, str) else json.dumps(body)
    return read_letter(Letter("letter-1", "receipt-1", text, attributes or {}))


def _repeated(body: object, attributes: Mapping[str, str] | None = None) -> tuple[Any, str]:
    reading = _read(body, attributes)
    assert isinstance(reading, Repeatable), reading
    return json.loads(reading.event), reading.cause


def _invocation_record(**changes: object) -> dict[str, object]:
    context = {"requestId": "request-1", "condition": "RetriesExhausted", "approximateInvokeCount": 3}
    error = {"errorType": "RetryableError", "errorMessage": "the instance is\n  backing up"}
    return {"requestContext": context, "requestPayload": SCHEDULED, "responsePayload": error, **changes}


def test_record_of_lambda_asks_for_its_request_and_names_the_error() -> None:
    assert _repeated(_invocation_record()) == (SCHEDULED, "RetryableError: the instance is backing up")


def test_record_of_lambda_keeps_the_invocations_id() -> None:
    reading = _read(_invocation_record())

    assert isinstance(reading, Repeatable)
    assert reading.request_id == "request-1"


@pytest.mark.parametrize("answer", [None, "timed out", {}])
def test_event_that_was_never_run_has_the_condition_as_its_cause(answer: object) -> None:
    record = _invocation_record(responsePayload=answer, requestContext={"condition": "EventAgeExceeded"})

    assert _repeated(record) == (SCHEDULED, "EventAgeExceeded")


def test_notification_is_wrapped_in_the_records_that_sns_invokes_with() -> None:
    event = json.loads((EVENTS / "react_to_alarm" / "metric_alarm.json").read_text(encoding="utf-8"))
    notification = event["Records"][0]["Sns"]

    repeated, cause = _repeated(notification)

    assert repeated["Records"][0]["Sns"] == notification
    assert repeated["Records"][0]["EventSource"] == "aws:sns"
    assert cause == f"{notification['TopicArn']} could not deliver it"


@pytest.mark.parametrize("attributes", [{}, {"RULE_ARN": "arn:aws:events:x", "ERROR_CODE": "NO_PERMISSIONS"}])
def test_event_that_a_rule_could_not_deliver_is_repeated_as_it_is(attributes: dict[str, str]) -> None:
    event = json.loads((EVENTS / "react_to_rds_event" / "low_storage.json").read_text(encoding="utf-8"))

    repeated, cause = _repeated(event, attributes)

    assert repeated == event
    assert cause == attributes.get("ERROR_CODE", "it could not be delivered")


@pytest.mark.parametrize(
    "body", [SCHEDULED, {"FunctionName": "x", "InvocationType": "Event", "Payload": json.dumps(SCHEDULED)}]
)
def test_input_that_scheduler_could_not_deliver_is_repeated(body: object) -> None:
    repeated, cause = _repeated(body, UNDELIVERED_BY_SCHEDULER)

    assert repeated == SCHEDULED
    assert cause == "AWS.Scheduler.LambdaThrottled: Rate exceeded"


def test_input_that_scheduler_had_to_cut_is_left_to_a_person() -> None:
    reading = _read(SCHEDULED, {**UNDELIVERED_BY_SCHEDULER, "IS_PAYLOAD_TRUNCATED": "true"})

    assert reading == Unreadable("Scheduler put only a part of the event into it")


@pytest.mark.parametrize(
    ("body", "obstacle"),
    [
        ("hello", "its body is no JSON"),
        ("[" * 100_000, "its body is no JSON"),
        ("[1]", "its body is no JSON object"),
        (SCHEDULED, "it has no form"),
        ({"requestContext": {"condition": "RetriesExhausted"}}, "it has no form"),
        ({"Type": "SubscriptionConfirmation", "Message": "", "TopicArn": "arn"}, "it has no form"),
    ],
)
def test_anything_else_is_left_to_a_person(body: object, obstacle: str) -> None:
    reading = _read(body)

    assert isinstance(reading, Unreadable)
    assert reading.obstacle.startswith(obstacle)


def test_long_cause_is_shortened_to_a_line() -> None:
    record = _invocation_record(responsePayload={"errorMessage": "x" * 5000})

    _, cause = _repeated(record)

    assert len(cause) == 300
    assert cause.endswith("x…")
