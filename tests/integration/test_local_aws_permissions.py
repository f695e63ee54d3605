"""Services of the local AWS do what policies and roles let them, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import eventbridge, iam, lambda_svc, sns, sqs

from local.aws.gaps import async_invocations, service_permissions
from local.aws.gaps.service_permissions import role_may, rule_may_reach, service_may_publish

ACCOUNT = "000000000000"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:react"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/react"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/rds"
SCHEDULE = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/ours/daily"
GROUP = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/ours"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:react-dead"
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:cpu"
BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/other"
OF_RULE = {"StatementId": "rule", "Principal": "events.amazonaws.com", "Action": "lambda:InvokeFunction"}
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    lambda_svc._functions["react"] = {
        "config": {"FunctionName": "react", "FunctionArn": FUNCTION, "Role": ROLE},
        "policy": {"Version": "2012-10-17", "Statement": []},
    }
    iam._roles["react"] = {"RoleName": "react", "InlinePolicies": {}, "AttachedPolicies": []}
    sns._topics[TOPIC] = {"arn": TOPIC, "attributes": {}, "subscriptions": []}
    yield
    for records, key in ((lambda_svc._functions, "react"), (iam._roles, "react"), (sns._topics, TOPIC)):
        records.pop(key, None)


def _grant_to_role(*statements: dict[str, Any]) -> None:
    iam._roles["react"]["InlinePolicies"] = {"p": json.dumps({"Version": "2012-10-17", "Statement": statements})}


def _trust(service: str, source: str) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": source}}
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    iam._roles["react"]["AssumeRolePolicyDocument"] = json.dumps({"Statement": [{**statement, "Condition": condition}]})


def _let_publish(**condition: dict[str, str]) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": condition,
    }
    sns._topics[TOPIC]["attributes"]["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_rule_invokes_a_function_whose_policy_names_it() -> None:
    before = rule_may_reach(FUNCTION, {"Arn": FUNCTION}, {"Source": "aws.rds"}, {"Arn": RULE})
    lambda_svc._add_permission("react", {**OF_RULE, "SourceArn": RULE})
    after = rule_may_reach(FUNCTION, {"Arn": FUNCTION}, {"Source": "aws.rds"}, {"Arn": RULE})

    assert (before, after) == (False, True)


def test_permission_of_one_rule_does_not_serve_another() -> None:
    lambda_svc._add_permission("react", {**OF_RULE, "SourceArn": RULE})

    assert not rule_may_reach(FUNCTION, {"Arn": FUNCTION}, {"Source": "aws.rds"}, {"Arn": f"{RULE}-2"})


def test_schedule_invokes_what_its_role_may() -> None:
    target, event = {"Arn": FUNCTION, "RoleArn": ROLE}, {"Source": "aws.scheduler"}
    _trust("scheduler.amazonaws.com", GROUP)

    before = rule_may_reach(FUNCTION, target, event, {"Arn": SCHEDULE})
    _grant_to_role({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": FUNCTION})

    assert (before, rule_may_reach(FUNCTION, target, event, {"Arn": SCHEDULE})) == (False, True)
    assert not rule_may_reach(FUNCTION, {"Arn": FUNCTION}, event, {"Arn": SCHEDULE})


@pytest.mark.parametrize(
    ("service", "source"),
    [
        ("scheduler.amazonaws.com", f"{GROUP}-of-another"),
        ("scheduler.amazonaws.com", SCHEDULE),
        ("events.amazonaws.com", GROUP),
    ],
)
def test_schedule_cannot_act_for_a_role_that_trusts_something_else(
    service: str, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    _grant_to_role({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": FUNCTION})
    _trust(service, source)
    target = {"Arn": FUNCTION, "RoleArn": ROLE}

    assert not rule_may_reach(FUNCTION, target, {"Source": "aws.scheduler"}, {"Arn": SCHEDULE})
    assert f"scheduler.amazonaws.com for {GROUP} was denied sts:AssumeRole on {ROLE}" in caplog.text


def test_denied_rule_delivers_nothing_and_is_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    delivered: list[Any] = []
    monkeypatch.setattr(eventbridge, "_invoke_target", lambda target, *_: delivered.append(target["Arn"]))
    service_permissions.install()

    eventbridge._invoke_target({"Arn": FUNCTION}, {"Source": "aws.rds"}, {"Arn": RULE})
    eventbridge._invoke_target({"Arn": QUEUE}, {"Source": "aws.rds"}, {"Arn": RULE})
    eventbridge._invoke_target({"Arn": BUS}, {"Source": "aws.rds"}, {"Arn": RULE})

    assert delivered == [BUS]
    assert f"{RULE} was denied lambda:InvokeFunction on {FUNCTION}" in caplog.text
    assert f"{RULE} was denied sqs:SendMessage on {QUEUE}" in caplog.text
    assert f"{RULE} has no dead-letter queue that it may send to: the event is lost" in caplog.text


def test_topic_invokes_a_function_whose_policy_names_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[Any] = []
    monkeypatch.setattr(lambda_svc, "invoke_async_with_retry", lambda _function, event: events.append(event))

    async_invocations.invoke_with_notification(FUNCTION, '{"Message": "1"}', TOPIC, "s")
    permission = {**OF_RULE, "Principal": "sns.amazonaws.com", "SourceArn": TOPIC}
    lambda_svc._add_permission("react", permission)
    async_invocations.invoke_with_notification(FUNCTION, '{"Message": "2"}', TOPIC, "s")

    assert [event["Records"][0]["Sns"]["Message"] for event in events] == ["2"]
    assert f"{TOPIC} was denied lambda:InvokeFunction on {FUNCTION}" in caplog.text


@pytest.mark.parametrize(
    ("condition", "is_allowed"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": f"{ALARM[:-3]}*"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "111111111111"}}, False),
        ({"ArnLike": {"aws:SourceArn": f"{ALARM}-of-another"}}, False),
    ],
)
def test_conditions_of_a_topic_policy_are_evaluated(condition: dict[str, dict[str, str]], is_allowed: bool) -> None:  # noqa: FBT001
    _let_publish(**condition)

    assert service_may_publish("cloudwatch.amazonaws.com", TOPIC, ALARM) is is_allowed
    assert not service_may_publish("s3.amazonaws.com", TOPIC, ALARM)


def test_role_may_what_its_policies_allow_and_no_queue_denies(monkeypatch: pytest.MonkeyPatch) -> None:
    _grant_to_role(SEND)

    allowed = role_may(ROLE, "sqs:SendMessage", QUEUE)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE}
    monkeypatch.setattr(sqs, "queue_policy_for_arn", lambda _: (json.dumps({"Statement": [deny]}), ACCOUNT))

    assert (allowed, role_may(ROLE, "sqs:SendMessage", QUEUE)) == (True, False)


def test_letter_is_sent_only_where_the_functions_role_may_send_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    letters: list[Any] = []
    monkeypatch.setattr(lambda_svc, "_route_async_failure", lambda *arguments: letters.append(arguments[2]))
    monkeypatch.setattr(eventbridge, "_dispatch_to_lambda", None)
    monkeypatch.setattr(sns, "_deliver_to_lambda", None)
    async_invocations.install()

    lambda_svc._route_async_failure(QUEUE, "react", {"number": 1}, {})
    _grant_to_role(SEND)
    lambda_svc._route_async_failure(QUEUE, "react", {"number": 2}, {})

    assert letters == [{"number": 2}]
    assert f"{ROLE} of react was denied sqs:SendMessage on {QUEUE}" in caplog.text
