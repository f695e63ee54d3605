"""The local Scheduler knows whose schedule it is, and takes no role that the caller may not pass."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core import iam_actions, iam_evaluator
from ministack.services import eventbridge, iam, scheduler

from local.aws.gaps import schedule_permissions
from local.aws.gaps.schedule_permissions import schedule_arn

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/follow-up"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/react/session"
PATH = "/schedules/failover-completed-1"
REQUEST: dict[str, Any] = {
    "GroupName": "reactions",
    "ScheduleExpression": "at(2026-11-23T18:10:46)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "ActionAfterCompletion": "DELETE",
    "Target": {"Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:react", "RoleArn": ROLE, "Input": "{}"},
}


@pytest.fixture(autouse=True)
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(iam_actions, "extract_resource_arn", iam_actions.extract_resource_arn)
    monkeypatch.setattr(scheduler, "handle_request", scheduler.handle_request)
    monkeypatch.setattr(iam_evaluator, "caller_arn", lambda: CALLER)
    schedule_permissions.install()
    iam._roles["react"] = {"RoleName": "react", "InlinePolicies": {}, "AttachedPolicies": []}
    scheduler._create_schedule_group("reactions", {})
    yield
    iam._roles.pop("react", None)
    scheduler.reset()


def _let_pass(service: str, role: str = ROLE) -> None:
    condition = {"StringEquals": {"iam:PassedToService": service}}
    statement = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role, "Condition": condition}
    iam._roles["react"]["InlinePolicies"] = {"p": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def _create() -> int:
    answer = asyncio.run(scheduler.handle_request("POST", PATH, {}, json.dumps(REQUEST).encode(), {}))
    return int(answer[0])


def test_schedule_is_authorized_by_an_arn_with_its_group() -> None:
    body = json.dumps(REQUEST).encode()

    arn = iam_actions.extract_resource_arn("scheduler", "POST", PATH, {}, body, {}, "us-east-1", ACCOUNT)

    assert arn.endswith(f":{ACCOUNT}:schedule/reactions/failover-completed-1")


@pytest.mark.parametrize(
    ("params", "group"), [({}, "default"), ({"groupName": "ours"}, "ours"), ({"groupName": ["ours"]}, "ours")]
)
def test_group_is_the_query_s_or_the_default(params: dict[str, Any], group: str) -> None:
    assert schedule_arn(PATH, b"", params).endswith(f":schedule/{group}/failover-completed-1")


@pytest.mark.parametrize("path", ["/schedules", "/schedule-groups/reactions", "/tags/x"])
def test_other_requests_keep_the_emulator_s_arn(path: str) -> None:
    assert not schedule_arn(path, b"", {})


def test_role_is_taken_from_who_may_pass_it_to_the_scheduler() -> None:
    _let_pass("scheduler.amazonaws.com")

    assert _create() == 200


@pytest.mark.parametrize(
    ("service", "role"), [("lambda.amazonaws.com", ROLE), ("scheduler.amazonaws.com", f"{ROLE}-other")]
)
def test_role_is_refused_from_who_may_not_pass_it(service: str, role: str) -> None:
    _let_pass(service, role)

    assert _create() == 403


def test_schedule_that_ran_once_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    fired: list[str] = []
    monkeypatch.setattr(eventbridge, "_invoke_target", lambda target, *_: fired.append(target["Input"]))
    monkeypatch.setattr(scheduler.time, "time", lambda: 1_795_456_800.0)
    _let_pass("scheduler.amazonaws.com")
    _create()

    scheduler._tick_schedules()
    before = len(fired)
    monkeypatch.setattr(scheduler.time, "time", lambda: 1_795_457_447.0)
    scheduler._tick_schedules()
    scheduler._tick_schedules()

    assert (before, fired) == (0, ["{}"])
    assert "reactions/failover-completed-1" not in scheduler._schedules
