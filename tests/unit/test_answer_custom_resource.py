"""CloudFormation is answered, whatever happens."""

import json
import threading
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest

from rds_operations.domain.custom_resources import CustomResourceAnswer, CustomResourceRequest, RequestType
from rds_operations.domain.errors import ConfigurationError, InvalidEventError, RefusedError, RetryableError
from rds_operations.runtime.custom_resources import ANSWER_TAKES, CarryOut, answer_custom_resource
from tests.fakes.custom_resource_replies import FakeReplies
from tests.fakes.lambda_context import FakeLambdaContext
from tests.samples import sample

CREATE, UPDATE, DELETE = (sample("resolve_engine_version", name) for name in ("create", "update", "delete"))
SECRET = "X-Amz-Signature"


def succeed(request: CustomResourceRequest, time_left: timedelta) -> CustomResourceAnswer:
    return CustomResourceAnswer.success("done", {"Version": str(request.properties["EngineVersion"])})


def failing(error: Exception) -> CarryOut:
    def carry_out(request: CustomResourceRequest, time_left: timedelta) -> CustomResourceAnswer:
        raise error

    return carry_out


def answer(
    event: Mapping[str, object], carry_out: CarryOut = succeed, replies: FakeReplies | None = None, **context: Any
) -> dict[str, object]:
    return answer_custom_resource(
        event,
        FakeLambdaContext("custom-resource", **context),  # type: ignore[arg-type]
        carry_out,
        replies or FakeReplies(),
    )


def test_success_is_sent_with_its_data() -> None:
    replies = FakeReplies()

    told = answer(CREATE, replies=replies)

    [(sent, reply_to)] = replies.sent
    assert sent == CustomResourceAnswer.success("done", {"Version": "16.14"})
    assert reply_to.response_url == CREATE["ResponseURL"]
    assert (told["status"], told["data"]) == ("SUCCESS", {"Version": "16.14"})


@pytest.mark.parametrize("event", [CREATE, UPDATE, DELETE])
def test_resource_has_the_same_name_in_every_answer(event: Mapping[str, object]) -> None:
    assert answer(event)["physical_resource_id"] == "langpont-prod-DatabaseStack-1A2B3C4D5E6F/ResolvedEngineVersion"


def test_failure_is_sent_in_its_words_and_not_raised() -> None:
    replies = FakeReplies()

    answer(CREATE, failing(RefusedError("langpont-dev-db runs 17.2")), replies)

    assert replies.sent[0][0] == CustomResourceAnswer.failure("langpont-dev-db runs 17.2")


def test_wrong_settings_are_answered() -> None:
    told = answer(CREATE, failing(ConfigurationError("ENVIRONMENT is not set")))

    assert (told["status"], told["reason"]) == ("FAILED", "ENVIRONMENT is not set")


def test_unexpected_error_is_answered_by_its_kind_alone(caplog: pytest.LogCaptureFixture) -> None:
    told = answer(CREATE, failing(KeyError("password=hunter2")))

    assert told["reason"] == "unexpected KeyError: the function's log has the cause"
    assert [record.message for record in caplog.records if record.exc_info] == ["custom resource failed unexpectedly"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"RequestType": "Modify"}, "RequestType is 'Modify', allowed: one of Create, Update, Delete"),
        ({"ResourceProperties": None}, "ResourceProperties is missing, allowed: an object"),
    ],
)
def test_request_that_cannot_be_understood_is_answered(changed: Mapping[str, object], reason: str) -> None:
    told = answer({**CREATE, **changed})

    assert (told["status"], told["reason"]) == ("FAILED", reason)


def test_deletion_succeeds_without_a_look_at_anything() -> None:
    event = {key: value for key, value in DELETE.items() if key != "ResourceProperties"}

    told = answer(event, failing(ConfigurationError("ENVIRONMENT is not set")))

    assert (told["request_type"], told["status"]) == (RequestType.DELETE, "SUCCESS")


def test_work_that_takes_too_long_is_answered_before_the_function_is_stopped() -> None:
    release = threading.Event()
    milliseconds = int(ANSWER_TAKES.total_seconds() * 1000) + 50

    def hang(request: CustomResourceRequest, time_left: timedelta) -> CustomResourceAnswer:
        release.wait(10)
        return CustomResourceAnswer.success("too late")

    replies, began = FakeReplies(), monotonic()
    told = answer(CREATE, hang, replies, remaining_ms=milliseconds)
    seconds = monotonic() - began
    release.set()

    assert (told["status"], len(replies.sent)) == ("FAILED", 1)
    assert str(told["reason"]).startswith("it took longer than the ")
    assert seconds < 2


def test_timeout_inside_the_work_is_no_lack_of_time() -> None:
    told = answer(CREATE, failing(TimeoutError("a socket")))

    assert told["reason"] == "unexpected TimeoutError: the function's log has the cause"


def test_work_is_told_the_time_that_it_has() -> None:
    given: list[timedelta] = []

    def remember(request: CustomResourceRequest, time_left: timedelta) -> CustomResourceAnswer:
        given.append(time_left)
        return CustomResourceAnswer.success("done")

    answer(CREATE, remember, remaining_ms=45_000)

    assert given == [timedelta(seconds=45) - ANSWER_TAKES]


def test_answer_that_cannot_be_delivered_is_raised_so_that_lambda_repeats() -> None:
    with pytest.raises(RetryableError, match="not delivered"):
        answer(CREATE, replies=FakeReplies(RetryableError("not delivered")))


def test_request_without_an_address_is_raised() -> None:
    with pytest.raises(InvalidEventError, match=r"^ResponseURL is missing or wrong"):
        answer({key: value for key, value in CREATE.items() if key != "ResponseURL"})


@pytest.mark.parametrize("carry_out", [succeed, failing(RefusedError("no")), failing(KeyError("no"))])
def test_address_is_in_no_log_and_no_response(carry_out: CarryOut, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    told = answer(CREATE, carry_out)

    assert caplog.records
    assert not [record for record in caplog.records if SECRET in str(vars(record))]
    assert SECRET not in json.dumps(told)


def test_failure_is_logged_as_an_error_and_every_answer_once(caplog: pytest.LogCaptureFixture) -> None:
    answer(CREATE, failing(RefusedError("no")))
    answer(CREATE)

    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "custom resource failed"),
        ("INFO", "custom resource was answered"),
        ("INFO", "custom resource was answered"),
    ]
