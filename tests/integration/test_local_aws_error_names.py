"""What the local AWS says about a function that failed: the class of the error, as Lambda does."""

import traceback
from typing import Any

import pytest

from local.aws.gaps.lambda_runtime import named
from rds_operations.domain.errors import PartialFailureError, RetryableError


def failed(trace: str) -> dict[str, Any]:
    body = {"errorMessage": "what it says", "errorType": "Runtime.HandlerError"}
    return {"body": body, "error": True, "log": f"START\nTypeError: an earlier line of the log\n{trace}"}


def raise_from_another(error: Exception) -> None:
    raise error from ValueError("two\nlines: of a cause")


def trace_of(error: Exception) -> str:
    try:
        raise_from_another(error)
    except type(error):
        return traceback.format_exc()
    raise AssertionError


@pytest.mark.parametrize(
    "error", [RetryableError("try again"), PartialFailureError("2 steps", ["extensions: may not"]), KeyError("x")]
)
def test_error_is_named_by_its_class(error: Exception) -> None:
    assert named(failed(trace_of(error)))["body"] == {"errorMessage": "what it says", "errorType": type(error).__name__}


def test_error_without_a_trace_keeps_the_emulators_name() -> None:
    assert named(failed(""))["body"]["errorType"] == "Runtime.HandlerError"


@pytest.mark.parametrize("body", [{"checked": 46}, [1], "text", None, {"errorType": "Sandbox.Timedout"}])
def test_every_other_answer_stays_as_it_is(body: object) -> None:
    result = {"body": body, "log": trace_of(RetryableError("of somebody else"))}

    assert named(result) == result
