"""Topics, dead-letter queues and their key: encrypted, by TLS only, and open to nobody but who sends."""

from typing import Any

import pytest

from tests.rights import ACCOUNT, REGION, service_may
from tests.templates import TEMPLATES, functions, resources, source
from tests.whole_tables import for_each

CLOUDWATCH, RDS, RULES, TOPICS = (
    f"{service}.amazonaws.com" for service in ("cloudwatch", "events.rds", "events", "sns")
)
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:langpont-prod-rds-cpu-high"
OURS = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": ALARM}
STRANGERS = {"aws:SourceAccount": "111111111111", "aws:SourceArn": ALARM.replace(ACCOUNT, "111111111111")}
TOPIC = {"aws:SourceArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:any"}
STRANGE_TOPIC = {"aws:SourceArn": f"arn:aws:sns:{REGION}:111111111111:any"}
QUEUES = [(stack, name) for stack in TEMPLATES for name in resources(stack, "AWS::SQS::Queue")]
TOPIC_NAMES = ["AlarmsTopic", "AlertsTopic", "AutomationAlarmsTopic"]
FUNCTIONS = [(stack, name.removesuffix("Function")) for stack, name, _ in functions()]

type Document = dict[str, Any]


def _key() -> Document:
    return resources("root", "AWS::KMS::Key")["MessagesKey"]


def _key_policy() -> Document:
    policy: Document = _key()["Properties"]["KeyPolicy"]
    return policy


def _topic_policy(topic: str) -> Document:
    policy = resources("root", "AWS::SNS::TopicPolicy")[f"{topic}Policy"]["Properties"]
    assert policy["Topics"] == [{"Ref": topic}]
    document: Document = policy["PolicyDocument"]
    return document


def _queue_policy(stack: str, queue: str) -> Document:
    policy = resources(stack, "AWS::SQS::QueuePolicy")[f"{queue}Policy"]["Properties"]
    assert policy["Queues"] == [{"Ref": queue}]
    document: Document = policy["PolicyDocument"]
    return document


def test_the_key_rotates_and_outlives_the_stack() -> None:
    key = _key()
    (alias,) = resources("root", "AWS::KMS::Alias").values()

    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert (key["Properties"]["EnableKeyRotation"], key["Properties"]["PendingWindowInDays"]) == (True, 30)
    assert alias["Properties"]["AliasName"] == {"Fn::Sub": "alias/${ProjectName}-${Environment}-messages"}
    assert alias["Properties"]["TargetKeyId"] == {"Ref": "MessagesKey"}


@for_each("action", ["kms:GenerateDataKey", "kms:Decrypt"])
@for_each(
    ("service", "source", "is_allowed"),
    [
        (CLOUDWATCH, OURS, True),
        (CLOUDWATCH, STRANGERS, False),
        (CLOUDWATCH, {"aws:SourceAccount": ACCOUNT}, False),
        (RDS, {"aws:SourceAccount": ACCOUNT}, True),
        (RDS, {"aws:SourceAccount": "111111111111"}, False),
        # EventBridge tells nothing of its source: a condition would lose what it sends.
        (RULES, {}, True),
        (TOPICS, TOPIC, True),
        (TOPICS, STRANGE_TOPIC, False),
        ("s3.amazonaws.com", OURS, False),
        ("budgets.amazonaws.com", OURS, False),
    ],
)
def test_services_of_this_account_use_the_key_and_no_others(
    service: str,
    source: dict[str, str],
    action: str,
    is_allowed: bool,  # noqa: FBT001
) -> None:
    assert service_may(_key_policy(), service, action, source=source) is is_allowed
    assert not service_may(_key_policy(), service, "kms:PutKeyPolicy", source=source)


def test_policies_of_the_account_decide_who_else_uses_the_key() -> None:
    first = _key_policy()["Statement"][0]

    assert first["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    assert (first["Action"], first["Resource"]) == ("kms:*", "*")


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_topic_is_encrypted_by_the_key(topic: str) -> None:
    found = resources("root", "AWS::SNS::Topic")

    assert list(found) == TOPIC_NAMES
    assert found[topic]["Properties"]["KmsMasterKeyId"] == {"Fn::GetAtt": ["MessagesKey", "Arn"]}


@pytest.mark.parametrize(
    ("topic", "source", "is_allowed"),
    [
        ("AlarmsTopic", OURS, True),
        ("AlarmsTopic", STRANGERS, False),
        ("AutomationAlarmsTopic", OURS, True),
        ("AutomationAlarmsTopic", STRANGERS, False),
        ("AlertsTopic", OURS, False),
    ],
)
def test_alarms_of_this_account_enter_the_topics_of_alarms(
    topic: str,
    source: dict[str, str],
    is_allowed: bool,  # noqa: FBT001
) -> None:
    assert service_may(_topic_policy(topic), CLOUDWATCH, "sns:Publish", source=source) is is_allowed


@pytest.mark.parametrize("topic", TOPIC_NAMES)
@pytest.mark.parametrize("service", [RDS, RULES, TOPICS, "s3.amazonaws.com"])
def test_no_other_service_enters_a_topic(topic: str, service: str) -> None:
    assert not service_may(_topic_policy(topic), service, "sns:Publish", source=OURS)


@pytest.mark.parametrize("topic", ["AlarmsTopic", "AutomationAlarmsTopic"])
def test_alarms_by_plain_http_are_refused(topic: str) -> None:
    assert not service_may(_topic_policy(topic), CLOUDWATCH, "sns:Publish", source=OURS, secure=False)


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_topic_refuses_plain_http_from_anybody(topic: str) -> None:
    refusal = _topic_policy(topic)["Statement"][0]

    assert (refusal["Effect"], refusal["Principal"], refusal["Resource"]) == ("Deny", "*", {"Ref": topic})
    # A topic's policy takes no `sns:*`: "Policy statement action out of service scope".
    assert refusal["Action"] == ["sns:Publish", "sns:Subscribe"]
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("topic", ["AlertsTopic", "AutomationAlarmsTopic"])
def test_people_get_alerts_and_alarms_about_the_automation_by_mail(topic: str) -> None:
    subscriptions = resources("root", "AWS::SNS::Subscription").values()
    mails = [s for s in subscriptions if s["Properties"]["TopicArn"] == {"Ref": topic}]

    assert [(mail["Condition"], mail["Properties"]["Protocol"]) for mail in mails] == [("HasAlertEmail", "email")]
    assert mails[0]["Properties"]["Endpoint"] == {"Ref": "AlertEmail"}


@pytest.mark.parametrize(("stack", "queue"), QUEUES)
def test_queue_is_encrypted_by_the_key_and_refuses_plain_http(stack: str, queue: str) -> None:
    properties = resources(stack, "AWS::SQS::Queue")[queue]["Properties"]
    refusal = _queue_policy(stack, queue)["Statement"][0]

    assert properties["KmsMasterKeyId"] == {"Ref": "MessagesKeyArn"}
    assert properties["KmsDataKeyReusePeriodSeconds"] == 300
    assert (refusal["Effect"], refusal["Principal"], refusal["Action"]) == ("Deny", "*", "sqs:*")
    assert refusal["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("stack", "queue", "service", "sender"),
    [
        ("reactions", "ReactToRdsEventDeadLetterQueue", RULES, "made:ReactToRdsEventFunctionRdsEvent"),
        ("reactions", "ReactToAlarmDeadLetterQueue", TOPICS, "made:AlarmsTopicArn"),
        ("rehearsal", "RehearseAlertDeadLetterQueue", TOPICS, f"arn:aws:sns:{REGION}:{ACCOUNT}:langpont-prod-alerts"),
    ],
)
def test_what_cannot_be_delivered_enters_the_queue_and_nothing_else(
    stack: str, queue: str, service: str, sender: str
) -> None:
    policy = _queue_policy(stack, queue)
    own, other = {"aws:SourceArn": sender}, {"aws:SourceArn": "made:Other"}

    assert service_may(policy, service, "sqs:SendMessage", source=own)
    assert not service_may(policy, service, "sqs:SendMessage", source=other)
    assert not service_may(policy, service, "sqs:SendMessage", source=own, secure=False)
    assert not service_may(policy, service, "sqs:ReceiveMessage", source=own)
    assert len(policy["Statement"]) == 2


@pytest.mark.parametrize(("stack", "queue"), [q for q in QUEUES if q[0] not in ("reactions", "rehearsal")])
def test_queue_of_a_function_with_schedules_alone_lets_no_service_in(stack: str, queue: str) -> None:
    assert [s["Effect"] for s in _queue_policy(stack, queue)["Statement"]] == ["Deny"]


@pytest.mark.parametrize(("stack", "stem"), FUNCTIONS)
def test_stack_tells_the_names_of_function_and_queue(stack: str, stem: str) -> None:
    outputs = source(stack)["Outputs"]
    queue = {"Fn::GetAtt": [f"{stem}DeadLetterQueue", "QueueName"]}

    assert {"Ref": f"{stem}Function"} in _branches(outputs[f"{stem}FunctionName"]["Value"])
    assert queue in _branches(outputs[f"{stem}DeadLetterQueueName"]["Value"])


@pytest.mark.parametrize("stack", sorted({stack for stack, _ in FUNCTIONS}))
def test_every_stack_with_functions_is_handed_the_key(stack: str) -> None:
    (nested,) = (
        (outer, resource["Properties"])
        for outer in TEMPLATES
        for resource in resources(outer, "AWS::CloudFormation::Stack").values()
        if resource["Properties"]["TemplateURL"].endswith(f"{stack}.yaml")
    )
    outer, properties = nested
    key = {"Fn::GetAtt": ["MessagesKey", "Arn"]} if outer == "root" else {"Ref": "MessagesKeyArn"}

    assert properties["Parameters"]["MessagesKeyArn"] == key


def _branches(value: Any) -> list[Any]:
    return value["Fn::If"][1:] if "Fn::If" in value else [value]
