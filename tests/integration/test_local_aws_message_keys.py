"""The local AWS asks the keys of topics and queues, as KMS is asked for real."""

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core import iam_evaluator
from ministack.services import kms, sns, sqs
from ministack.services.cloudformation import provisioners

from local.aws.gaps.message_keys import TOPIC, obstacle_to_principal
from local.aws.gaps.service_permissions import role_may, service_may_publish, service_may_send
from tests.message_world import ACCOUNT, ALARM, REGION, ROLE, RULE, SESSION, USE, MessageWorld, grant, message_world

ALARMS, RULES, TOPICS = "cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"
OF_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessageWorld]:
    with message_world(monkeypatch) as made:
        yield made


def use_through(
    world: MessageWorld, *services: str, actions: tuple[str, ...] = ("kms:GenerateDataKey", "kms:Decrypt")
) -> Any:
    through = {"StringEquals": {"kms:ViaService": [f"{service}.{REGION}.amazonaws.com" for service in services]}}
    return {"Effect": "Allow", "Action": list(actions), "Resource": world.key, "Condition": through}


def allow(action: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def test_alarm_is_published_only_where_the_key_lets_cloudwatch(
    world: MessageWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.let_in(ALARMS, ALARM)
    without = service_may_publish(ALARMS, world.topic, ALARM)
    world.let_key(grant(ALARMS, condition=OF_THIS_ACCOUNT))

    assert (without, service_may_publish(ALARMS, world.topic, ALARM)) == (False, True)
    assert f"{ALARMS} for {ALARM} was denied kms:GenerateDataKey on resource: {world.key}" in caplog.text


@pytest.mark.parametrize("missing", USE)
def test_sending_takes_both_a_new_data_key_and_its_check(world: MessageWorld, missing: str) -> None:
    world.let_in(TOPICS, world.topic)
    world.let_key(grant(TOPICS, *(action for action in USE if action != missing)))

    assert not service_may_send(TOPICS, world.queue, world.topic)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": "111111111111"}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:{REGION}:111111111111:*"}},
    ],
)
def test_source_of_another_account_is_refused_by_the_key(world: MessageWorld, condition: dict[str, Any]) -> None:
    world.let_in(TOPICS, world.topic)
    world.let_key(grant(TOPICS, condition=condition))

    assert not service_may_send(TOPICS, world.queue, world.topic)


def test_rule_is_never_served_by_a_grant_with_a_condition_on_its_source(world: MessageWorld) -> None:
    world.let_in(RULES, RULE)
    world.let_key(grant(RULES, condition=OF_THIS_ACCOUNT))
    with_condition = service_may_send(RULES, world.queue, RULE)
    world.let_key(grant(RULES))

    assert (with_condition, service_may_send(RULES, world.queue, RULE)) == (False, True)


def test_topic_delivers_to_an_encrypted_queue_only_where_the_key_lets_it(world: MessageWorld) -> None:
    world.let_in(TOPICS, world.topic)
    subscription = {"arn": "s", "protocol": "sqs", "endpoint": world.queue, "confirmed": True, "attributes": {}}
    sns._topics[world.topic]["subscriptions"].append(subscription)

    sns._fanout(world.topic, "1", "lost", "")
    world.let_key(grant(TOPICS))
    sns._fanout(world.topic, "2", "delivered", "")

    assert ["delivered" in letter["body"] for letter in world.letters()] == [True]


@pytest.mark.parametrize(
    ("services", "is_allowed"), [((), False), (("sqs",), False), (("sns",), True), (("sns", "sqs"), True)]
)
def test_role_publishes_only_with_the_key_and_through_sns(
    world: MessageWorld,
    services: tuple[str, ...],
    is_allowed: bool,  # noqa: FBT001
) -> None:
    world.let_role(allow("sns:Publish"), use_through(world, *services))
    iam_evaluator._request_caller_arn.set(SESSION)

    _, refusal = sns._get_topic(world.topic, "sns:Publish")

    assert (refusal is None) is is_allowed
    assert role_may(ROLE, "sns:Publish", world.topic) is is_allowed
    assert refusal is None or b"<Code>KMSAccessDenied</Code>" in refusal[2]


def test_refusal_names_the_caller_the_action_and_the_key(world: MessageWorld) -> None:
    world.let_role(allow("sqs:*"), use_through(world, "sqs", actions=("kms:GenerateDataKey",)))
    iam_evaluator._request_caller_arn.set(SESSION)

    with pytest.raises(sqs._Err) as refused:
        sqs._get_q("messages", "sqs:ReceiveMessage")

    assert refused.value.code == "KMS.AccessDeniedException"
    assert (
        refused.value.message == f"User: {SESSION} is not authorized to perform: kms:Decrypt on resource: {world.key}"
    )


def test_key_that_delegates_to_nobody_refuses_the_account_itself(world: MessageWorld) -> None:
    kms._keys[world.key.rsplit("/", 1)[1]]["Policy"] = '{"Statement": []}'
    world.let_role(allow("*"))

    assert obstacle_to_principal(SESSION, "sns:Publish", world.topic)
    assert obstacle_to_principal(f"arn:aws:iam::{ACCOUNT}:root", "sns:Publish", world.topic)


def test_disabled_key_stops_everybody(world: MessageWorld) -> None:
    world.let_role(allow("*"))
    kms._keys[world.key.rsplit("/", 1)[1]]["KeyState"] = "Disabled"

    assert "which is Disabled" in obstacle_to_principal(SESSION, "sqs:SendMessage", world.queue)


def test_what_is_not_encrypted_asks_no_key(world: MessageWorld) -> None:
    sns._topics[world.topic]["attributes"]["KmsMasterKeyId"] = ""
    world.let_role(allow("sns:Publish"))

    assert role_may(ROLE, "sns:Publish", world.topic)


def test_topic_of_a_template_keeps_its_key_and_loses_it(world: MessageWorld) -> None:
    handlers = provisioners._RESOURCE_HANDLERS[TOPIC]
    with_key = {"KmsMasterKeyId": world.key}

    arn, _ = handlers["create"]("Topic", with_key, "stack")
    made = sns._topics[arn]["attributes"]["KmsMasterKeyId"]
    handlers["update"](arn, with_key, {}, "stack", logical_id="Topic")

    assert (made, sns._topics[arn]["attributes"]["KmsMasterKeyId"]) == (world.key, "")
