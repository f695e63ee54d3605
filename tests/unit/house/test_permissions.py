"""Who may do what, to what, under which condition: written out, because the emulator does not check all of it."""

import json
from typing import Any

import pytest

from tests.templates import resources, statements

DB = "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:${DBInstanceIdentifier}"
SNAPSHOTS = "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:snapshot:${SnapshotPrefix}-*"
TIMED_SNAPSHOTS = SNAPSHOTS.replace("-*", "-????????-??????")
OWNED = {"managed-by": "langpont-rds", "source-instance": {"Ref": "DBInstanceIdentifier"}}
OWNED_BY_THIS_STACK = {**OWNED, "project": {"Ref": "ProjectName"}, "environment": {"Ref": "Environment"}}

STATEMENTS = {sid: one for _, one in statements() if (sid := one.get("Sid"))}


def _condition(kind: str, tags: dict[str, Any]) -> dict[str, Any]:
    return {"StringEquals": {f"aws:{kind}Tag/{key}": value for key, value in tags.items()}}


def _allowed(sid: str) -> tuple[Any, Any, Any]:
    statement = STATEMENTS[sid]
    return statement["Action"], statement["Resource"], statement.get("Condition")


def test_the_function_snapshots_its_own_instance_only() -> None:
    assert _allowed("SnapshotTheInstance") == ("rds:CreateDBSnapshot", {"Fn::Sub": DB}, None)


@pytest.mark.parametrize(
    ("sid", "action"), [("NameItByItsTime", "rds:CreateDBSnapshot"), ("TagItAsOwned", "rds:AddTagsToResource")]
)
def test_a_snapshot_is_made_and_tagged_as_owned_or_not_at_all(sid: str, action: str) -> None:
    allowed, resource, condition = _allowed(sid)

    assert (allowed, resource) == (action, {"Fn::Sub": TIMED_SNAPSHOTS})
    assert _condition("Request", OWNED_BY_THIS_STACK)["StringEquals"].items() <= condition["StringEquals"].items()


def test_a_snapshot_is_deleted_only_with_the_tags_of_this_stack() -> None:
    assert _allowed("DeleteOwnSnapshotsOnly") == (
        "rds:DeleteDBSnapshot",
        {"Fn::Sub": SNAPSHOTS},
        _condition("Resource", OWNED_BY_THIS_STACK),
    )


@pytest.mark.parametrize("sid", ["TellPeople", "ReportToPeople"])
def test_people_are_told_through_the_alerts_topic_only(sid: str) -> None:
    assert _allowed(sid) == ("sns:Publish", {"Ref": "AlertsTopicArn"}, None)


def test_the_metrics_function_logs_in_as_its_own_role() -> None:
    action, allowed, _ = _allowed("LogInAsTheMetricsRole")

    assert action == "rds-db:connect"
    assert all(one["Fn::Sub"][0].endswith(":dbuser:${Id}/langpont_metrics") for one in allowed)
    assert [one["Fn::Sub"][1]["Id"] for one in allowed] == [
        {"Ref": "DBInstanceResourceId"},
        {"Fn::If": ["HasReplica1", {"Ref": "Replica1ResourceId"}, {"Ref": "DBInstanceResourceId"}]},
        {"Fn::If": ["HasReplica2", {"Ref": "Replica2ResourceId"}, {"Ref": "DBInstanceResourceId"}]},
    ]


def test_every_purpose_is_one_of_those_written_out_here_or_a_mere_look() -> None:
    written = {
        "SnapshotTheInstance", "NameItByItsTime", "TagItAsOwned", "DeleteOwnSnapshotsOnly", "TellPeople",
        "LogInAsTheMetricsRole", "ReadThePassword", "NoteOnItWhatPeopleWereTold", "ReportToPeople",
    }  # fmt: skip
    actions = {sid: one["Action"] for sid, one in STATEMENTS.items() if sid not in written}

    for action in actions.values():
        for one in action if isinstance(action, list) else [action]:
            assert one.startswith(("rds:Describe", "rds:List")), one


@pytest.mark.parametrize(
    ("policy", "queue", "service", "source"),
    [
        (
            "ReactToRdsEventDeadLetterQueuePolicy",
            "ReactToRdsEventDeadLetterQueue",
            "events.amazonaws.com",
            {"Fn::GetAtt": ["ReactToRdsEventFunctionRdsEvent", "Arn"]},
        ),
        (
            "ReactToAlarmDeadLetterQueuePolicy",
            "ReactToAlarmDeadLetterQueue",
            "sns.amazonaws.com",
            {"Ref": "AlarmsTopicArn"},
        ),
    ],
)
def test_what_cannot_be_delivered_may_enter_the_queue(
    policy: str, queue: str, service: str, source: dict[str, Any]
) -> None:
    properties = resources("reactions", "AWS::SQS::QueuePolicy")[policy]["Properties"]
    (statement,) = properties["PolicyDocument"]["Statement"]

    assert properties["Queues"] == [{"Ref": queue}]
    assert (statement["Principal"], statement["Action"]) == ({"Service": service}, "sqs:SendMessage")
    assert statement["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": source}}


def test_alarms_of_this_account_may_publish_to_the_alarms_topic_and_nobody_else() -> None:
    policy = resources("root", "AWS::SNS::TopicPolicy")["AlarmsTopicPolicy"]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert policy["Properties"]["Topics"] == [{"Ref": "AlarmsTopic"}]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":alarm:*")


def test_topic_may_invoke_the_alarm_function() -> None:
    permissions = resources("reactions", "AWS::Lambda::Permission").values()
    sources = {p["Properties"]["Principal"]: p["Properties"]["SourceArn"] for p in permissions}

    assert sources["sns.amazonaws.com"] == {"Ref": "AlarmsTopicArn"}
    assert "events.amazonaws.com" in sources


def test_no_wildcard_hides_in_a_list_of_resources() -> None:
    for where, statement in statements():
        resource = statement["Resource"]

        assert "*" not in (resource if isinstance(resource, list) else []), f"{where}: {json.dumps(statement)}"
