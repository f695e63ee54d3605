"""Second looks as schedules that run once."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from rds_operations.adapters.scheduled_follow_ups import FollowUpSchedules, ScheduledFollowUps
from rds_operations.domain.errors import RefusedError, RetryableError

DUE_AT = datetime(2026, 11, 23, 18, 10, 45, 292000, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/follow-up"
QUEUE = "arn:aws:sqs:ap-northeast-1:123456789012:letters"
FUNCTION = "arn:aws:lambda:ap-northeast-1:123456789012:function:react"


class FakeScheduler:
    """Keeps what was made, or raises the prepared error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.made: list[dict[str, Any]] = []
        self._error = error

    def create_schedule(self, **request: Any) -> dict[str, str]:
        if self._error:
            raise self._error
        self.made.append(request)
        return {"ScheduleArn": "arn"}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "said AWS"}}, "CreateSchedule")


def remember(client: FakeScheduler) -> None:
    follow_ups = ScheduledFollowUps("reactions", client, role_arn=ROLE, queue_arn=QUEUE, function_arn=FUNCTION)
    follow_ups.remember("failover-completed-1", DUE_AT, {"follow_up": "failover_completed"})


def test_schedule_runs_once_and_deletes_itself() -> None:
    client = FakeScheduler()

    remember(client)

    [made] = client.made
    assert made["ScheduleExpression"] == "at(2026-11-23T18:10:46)"
    assert made["ActionAfterCompletion"] == "DELETE"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert (made["Name"], made["GroupName"]) == ("failover-completed-1", "reactions")


def test_schedule_invokes_the_function_by_its_role_and_keeps_what_fails() -> None:
    client = FakeScheduler()

    remember(client)

    target = client.made[0]["Target"]
    assert (target["Arn"], target["RoleArn"], target["DeadLetterConfig"]) == (FUNCTION, ROLE, {"Arn": QUEUE})
    assert json.loads(target["Input"]) == {"follow_up": "failover_completed"}


def test_schedule_that_exists_already_stays() -> None:
    remember(FakeScheduler(refusal("ConflictException")))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refusal("ThrottlingException"), RetryableError),
        (refusal("InternalServerException"), RetryableError),
        (ReadTimeoutError(endpoint_url="https://scheduler"), RetryableError),
        (refusal("AccessDeniedException"), RefusedError),
        (refusal("ResourceNotFoundException"), RefusedError),
        (refusal("ServiceQuotaExceededException"), RefusedError),
    ],
)
def test_error_is_translated_and_names_the_schedule(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="scheduling failover-completed-1"):
        remember(FakeScheduler(error))


def test_without_a_group_nothing_is_remembered() -> None:
    assert FollowUpSchedules("", role_arn="", queue_arn="").of_function(FUNCTION) is None
