"""What the failure of another function means."""

import pytest

from rds_operations.domain.errors import ConfigurationError, OperationsError, RefusedError, RetryableError
from rds_operations.domain.invocations import LONGEST_MESSAGE, counts_in, remote_failure


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("RetryableError", RetryableError),
        ("ConfigurationError", ConfigurationError),
        ("RefusedError", RefusedError),
        ("NotFoundError", RefusedError),
        ("PartialFailureError", RefusedError),
        ("InvalidEventError", RefusedError),
    ],
)
def test_error_of_our_own_keeps_its_words(kind: str, error: type[OperationsError]) -> None:
    failure = remote_failure("set-up", {"errorType": kind, "errorMessage": "DB_HOST is not set"})

    assert type(failure) is error
    assert str(failure) == "set-up failed: DB_HOST is not set"


@pytest.mark.parametrize("kind", ["OperationalError", "KeyError", "Exception", "Runtime.ExitError"])
def test_words_of_any_other_error_stay_in_the_log(kind: str) -> None:
    failure = remote_failure("set-up", {"errorType": kind, "errorMessage": "password=hunter2"})

    assert type(failure) is RefusedError
    assert str(failure) == f"set-up failed with {kind}: its log has the cause"


@pytest.mark.parametrize("answer", [{}, {"errorType": ""}, {"errorType": "a secret; with blanks"}, {"errorType": 7}])
def test_error_without_a_usable_type_is_unknown(answer: dict[str, object]) -> None:
    assert str(remote_failure("set-up", answer)) == "set-up failed with an unknown error: its log has the cause"


@pytest.mark.parametrize("kind", [{"errorType": "Sandbox.Timedout"}, {}])
def test_function_that_ran_out_of_time_may_be_tried_again(kind: dict[str, str]) -> None:
    message = "2026-11-23T18:00:30.000Z 9a1f1d54 Task timed out after 150.00 seconds"

    failure = remote_failure("set-up", {**kind, "errorMessage": message})

    assert type(failure) is RetryableError
    assert str(failure) == "set-up failed: Task timed out after 150.00 seconds"


def test_long_message_is_cut() -> None:
    failure = remote_failure("set-up", {"errorType": "RefusedError", "errorMessage": "x" * 100_000})

    assert len(str(failure)) == len("set-up failed: ") + LONGEST_MESSAGE


def test_numbers_and_lengths_are_counted_and_texts_are_left_out() -> None:
    response = {"roles": ["a", "b"], "grants": 3, "seconds": 0.5, "secrets": {"app": "arn"}, "user": "x", "ok": True}

    assert counts_in(response) == {"roles": "2", "grants": "3", "seconds": "0.5", "secrets": "1"}
