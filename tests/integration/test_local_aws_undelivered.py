"""What rules, schedules and subscriptions may not deliver lands in their dead-letter queues, if its key lets them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import eventbridge, sns

from local.aws.gaps.async_invocations import invoke_with_notification
from local.redrive.letters import Letter, Repeatable, read_letter
from tests.message_world import (
    FUNCTION,
    GROUP,
    ROLE,
    RULE,
    SCHEDULE,
    MessageWorld,
    grant,
    message_world,
)

RULES, SCHEDULER, TOPICS = "events.amazonaws.com", "scheduler.amazonaws.com", "sns.amazonaws.com"
EVENT: dict[str, Any] = {
    "EventId": "1",
    "Source": "aws.rds",
    "DetailType": "RDS DB Instance Event",
    "Detail": '{"EventID": "RDS-EVENT-0049"}',
    "Time": 1_795_456_800,
    "Resources": [],
    "Account": "000000000000",
    "Region": "us-east-1",
}
FIRING = {**EVENT, "Source": "aws.scheduler", "Resources": [SCHEDULE]}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessageWorld]:
    with message_world(monkeypatch) as made:
        yield made


def target(world: MessageWorld, **rest: str) -> dict[str, Any]:
    return {"Arn": FUNCTION, "DeadLetterConfig": {"Arn": world.queue}, **rest}


def event_of(letter: dict[str, Any]) -> Any:
    attributes = {name: value["StringValue"] for name, value in letter["message_attributes"].items()}
    found = read_letter(Letter(letter["id"], "receipt", letter["body"], attributes))
    assert isinstance(found, Repeatable)
    return json.loads(found.event)


def test_event_that_a_rule_may_not_deliver_can_be_redriven(world: MessageWorld) -> None:
    world.let_in(RULES, RULE)
    world.let_key(grant(RULES))

    eventbridge._invoke_target(target(world), EVENT, {"Arn": RULE})

    (letter,) = world.letters()
    assert event_of(letter)["detail"] == {"EventID": "RDS-EVENT-0049"}
    assert letter["message_attributes"]["RULE_ARN"]["StringValue"] == RULE


def test_input_that_a_schedule_may_not_deliver_keeps_its_scheduled_time(world: MessageWorld) -> None:
    send = {"Effect": "Allow", "Action": ["sqs:SendMessage", "kms:*"], "Resource": "*"}
    world.let_role(send, trusts=SCHEDULER, for_source=GROUP)
    written = '{"scheduled_time": "<aws.scheduler.scheduled-time>"}'

    eventbridge._invoke_target(target(world, RoleArn=ROLE, Input=written), FIRING, {"Arn": SCHEDULE})

    (letter,) = world.letters()
    assert event_of(letter) == {"scheduled_time": "2026-11-23T18:00:00Z"}


def test_notification_that_a_topic_may_not_deliver_can_be_redriven(world: MessageWorld) -> None:
    world.let_in(TOPICS, world.topic)
    world.let_key(grant(TOPICS))
    redrive = json.dumps({"deadLetterTargetArn": world.queue})
    sns._topics[world.topic]["subscriptions"].append({"arn": "s", "attributes": {"RedrivePolicy": redrive}})
    notification = {"Type": "Notification", "TopicArn": world.topic, "Message": "alarm"}

    invoke_with_notification(FUNCTION, json.dumps(notification), world.topic, "s")

    (letter,) = world.letters()
    assert event_of(letter)["Records"][0]["Sns"]["Message"] == "alarm"


@pytest.mark.parametrize("statements", [(), (grant(TOPICS),)])
def test_letter_is_lost_where_the_key_does_not_let_its_sender(
    world: MessageWorld, statements: tuple[dict[str, Any], ...], caplog: pytest.LogCaptureFixture
) -> None:
    world.let_in(RULES, RULE)
    world.let_key(*statements)

    eventbridge._invoke_target(target(world), EVENT, {"Arn": RULE})

    assert world.letters() == []
    assert f"{RULES} for {RULE} was denied kms:GenerateDataKey on resource: {world.key}" in caplog.text
    assert "the event is lost" in caplog.text


def test_schedule_whose_role_may_not_send_loses_its_input(
    world: MessageWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.let_role({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}, trusts=SCHEDULER, for_source=GROUP)

    eventbridge._invoke_target(target(world, RoleArn=ROLE, Input="{}"), FIRING, {"Arn": SCHEDULE})

    assert world.letters() == []
    assert f"{ROLE} was denied kms:GenerateDataKey on resource: {world.key}" in caplog.text
