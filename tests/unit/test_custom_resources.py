"""What CloudFormation is told, byte by byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.custom_resources import (
    LARGEST_ANSWER,
    CustomResourceAnswer,
    ReplyAddress,
    answer_body,
    goes_back,
)

REPLY_TO = ReplyAddress("https://answers.example/?signature", "arn:stack", "request-1", "Lock", "stack/Lock")
LAYER = "arn:aws:lambda:ap-northeast-1:123456789012:layer:OperationsLayer"


def test_answer_repeats_what_identifies_the_request() -> None:
    body = answer_body(CustomResourceAnswer.success("done", {"Count": "2"}), REPLY_TO)

    assert json.loads(body) == {
        "Status": "SUCCESS",
        "Reason": "done",
        "PhysicalResourceId": "stack/Lock",
        "StackId": "arn:stack",
        "RequestId": "request-1",
        "LogicalResourceId": "Lock",
        "Data": {"Count": "2"},
    }


def test_failure_has_a_reason_and_no_data() -> None:
    content = json.loads(answer_body(CustomResourceAnswer.failure("no\n  way"), REPLY_TO))

    assert (content["Status"], content["Reason"], content["Data"]) == ("FAILED", "no way", {})


@given(st.text(max_size=9000), st.text(max_size=200))
def test_answer_is_never_larger_than_what_is_taken(reason: str, logical_id: str) -> None:
    reply_to = ReplyAddress("https://answers.example/", "arn:stack", "request-1", logical_id, "stack/Lock")

    body = answer_body(CustomResourceAnswer.failure(reason), reply_to)

    assert len(body) <= LARGEST_ANSWER
    assert json.loads(body)["LogicalResourceId"] == logical_id


@given(st.integers(3600, 4100), st.text(max_size=100))
def test_answer_with_data_is_never_larger_either(size: int, reason: str) -> None:
    body = answer_body(CustomResourceAnswer.success(reason, {"Much": "x" * size}), REPLY_TO)

    assert len(body) <= LARGEST_ANSWER


@pytest.mark.parametrize("letter", ["x", '"', "火", "\ud800"])
def test_long_reason_keeps_its_beginning(letter: str) -> None:
    body = answer_body(CustomResourceAnswer.failure("begin " + letter * 9000), REPLY_TO)

    reason = json.loads(body)["Reason"]
    assert reason.startswith(f"begin {letter}")
    assert reason.endswith(" ...")
    assert len(body) > LARGEST_ANSWER - 6


def test_data_that_do_not_fit_make_a_failure() -> None:
    content = json.loads(answer_body(CustomResourceAnswer.success("done", {"Much": "x" * 5000}), REPLY_TO))

    assert (content["Status"], content["Data"]) == ("FAILED", {})
    assert content["Reason"] == "the answer is larger than the 4096 bytes that are taken"


def test_address_is_in_no_text_of_the_request() -> None:
    assert "signature" not in repr(REPLY_TO) + str(REPLY_TO)


@pytest.mark.parametrize(
    ("old", "new", "back"),
    [
        (f"{LAYER}:8", f"{LAYER}:7", True),
        (f"{LAYER}:10", f"{LAYER}:9", True),
        (f"{LAYER}:7", f"{LAYER}:8", False),
        (f"{LAYER}:7", f"{LAYER}:7", False),
        (f"{LAYER}:8", f"{LAYER}Other:7", False),
        ("8", "7", False),
        (None, f"{LAYER}:7", False),
        (f"{LAYER}:8", ["x"], False),
    ],
)
def test_lower_version_of_the_same_layer_is_a_way_back(old: object, new: object, *, back: bool) -> None:
    assert goes_back(old, new) is back
