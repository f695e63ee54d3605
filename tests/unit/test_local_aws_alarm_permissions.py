"""Alarms that are described by name are authorized each by its own ARN, composite ones on everything."""

import json
from typing import Any

import pytest
from ministack.core import iam_actions, iam_evaluator
from ministack.services import cloudwatch

from local.aws.gaps import alarm_permissions

PREFIX = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"
QUERY = {"Action": ["DescribeAlarms"], "AlarmNames.member.1": ["ours-a"], "AlarmNames.member.2": ["ours-b"]}
JSON = json.dumps({"AlarmNames": ["ours-a", "ours-b"]}).encode()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the emulator's own judgement is asked for; it denies what is not ours."""
    resources: list[str] = []

    def judge(*_: str, resource_arn: str = "*", **__: Any) -> str | None:
        resources.append(resource_arn)
        return None if resource_arn.startswith(f"{PREFIX}ours-") else f"denied on {resource_arn}"

    monkeypatch.setattr(iam_actions, "extract_resource_arn", iam_actions.extract_resource_arn)
    monkeypatch.setattr(iam_evaluator, "enforce", judge)
    alarm_permissions.install()
    return resources


def _judged(
    body: bytes,
    params: dict[str, Any],
    service: str = "monitoring",
    action: str = alarm_permissions.DESCRIBE,
) -> object:
    arn = iam_actions.extract_resource_arn(service, "POST", "/", {}, body, params, "us-east-1", "000000000000")
    return iam_evaluator.enforce("key", action, service, "us-east-1", resource_arn=arn)


@pytest.mark.parametrize(("body", "params"), [(JSON, {}), (b"", QUERY)], ids=["json", "query"])
def test_every_named_alarm_is_asked_for(asked: list[str], body: bytes, params: dict[str, Any]) -> None:
    assert _judged(body, params) is None
    assert {f"{PREFIX}ours-a", f"{PREFIX}ours-b"} == set(asked)


def test_one_alarm_of_others_denies_the_request(asked: list[str]) -> None:
    body = json.dumps({"AlarmNames": ["ours-a", "theirs"]}).encode()

    assert _judged(body, {}) == f"denied on {PREFIX}theirs"
    assert asked[-1] == f"{PREFIX}theirs"


@pytest.mark.parametrize(("body", "service"), [(b"{}", "monitoring"), (b"cut in the mid", "monitoring"), (JSON, "sqs")])
def test_request_without_names_is_about_everything(asked: list[str], body: bytes, service: str) -> None:
    assert _judged(body, {}, service) is not None
    assert not any(resource.startswith(PREFIX) for resource in asked)


@pytest.mark.parametrize(
    ("action", "named"),
    [
        (alarm_permissions.HISTORY, {"AlarmName": "ours-both"}),
        (alarm_permissions.DESCRIBE, {"AlarmNames": ["ours-a", "ours-both"]}),
    ],
)
def test_composite_alarm_is_told_on_no_narrower_permission_than_everything(
    monkeypatch: pytest.MonkeyPatch, asked: list[str], action: str, named: dict[str, Any]
) -> None:
    monkeypatch.setattr(cloudwatch, "_composite_alarms", {"ours-both": {}})

    assert _judged(json.dumps(named).encode(), {}, action=action) == "denied on *"
    assert asked[-1] == "*"


def test_history_of_a_metric_alarm_is_told_on_a_permission_for_it(asked: list[str]) -> None:
    body = json.dumps({"AlarmName": "ours-a"}).encode()

    assert _judged(body, {}, action=alarm_permissions.HISTORY) is None
    assert asked == [f"{PREFIX}ours-a"]
