"""Who may do what, to what, on which condition: written out in tests/golden/permissions, and what has to hold of it."""

import re

import pytest

from tests.permission_rows import WITHOUT_SID, Row, rows, written
from tests.templates import ONLY_ON_EVERYTHING, ROOT, TEMPLATES, resources, transformed

WRITTEN = ROOT / "tests" / "golden" / "permissions"
PEOPLE = {("${AlertsTopicArn}",), ("${AlertsTopicArn}", "${ChatTopic} or ${AWS::NoValue}")}
HOST = "${AWS::Region}.amazonaws.com"
ROWS = [row for stack in TEMPLATES for row in rows(stack)]
OF_ROLES = [row for row in ROWS if not row.who]


def _of(logical_id: str) -> list[Row]:
    return [row for row in ROWS if row.where.partition(".")[2] == logical_id]


def _roles_that_may(action: str) -> set[str]:
    return {row.where for row in OF_ROLES if action in row.actions}


@pytest.mark.parametrize("stack", TEMPLATES)
def test_every_permission_is_written_out(stack: str) -> None:
    path = WRITTEN / f"{stack}.txt"

    expected = path.read_text(encoding="utf-8") if path.exists() else ""

    assert written(stack).strip() == expected.strip(), f"read what is new, then write it to {path.relative_to(ROOT)}"


def test_no_stack_is_written_out_that_is_gone() -> None:
    assert {path.stem for path in WRITTEN.glob("*.txt")} <= set(TEMPLATES)


def test_every_statement_says_why_in_its_own_words() -> None:
    for row in ROWS:
        assert row.reason, f"{row.where}: {row.actions} has no Sid"
        assert not row.sid or re.fullmatch(r"([A-Z][a-z]*){2,}", row.sid), f"{row.where}: {row.sid} says too little"


def test_what_has_no_sid_is_what_sam_and_aws_write() -> None:
    found = {row.who or row.actions[0] for row in ROWS if not row.sid}

    assert found <= set(WITHOUT_SID)


def test_sids_are_unique_within_a_policy() -> None:
    named = [(row.where, row.sid) for row in ROWS if row.sid]

    # A conditional statement may have two branches of the same purpose.
    assert len(named) == len(set(named))


def test_no_role_may_do_everything_or_do_it_to_everything() -> None:
    for row in OF_ROLES:
        assert not any("*" in action for action in row.actions), row
        assert "*" not in row.resources or set(row.actions) <= ONLY_ON_EVERYTHING, row


def test_keys_are_used_by_roles_only_through_a_service() -> None:
    using = [row for row in OF_ROLES if any(action.startswith("kms:") for action in row.actions)]

    assert using
    for row in using:
        assert all(resource.startswith("${") for resource in row.resources), row
        assert any(condition.startswith("StringEquals kms:ViaService = ") for condition in row.conditions), row


@pytest.mark.parametrize(("action", "service"), [("sns:Publish", "sns"), ("sqs:SendMessage", "sqs")])
def test_whoever_sends_messages_may_encrypt_them(action: str, service: str) -> None:
    senders = _roles_that_may(action)

    encrypting = {
        row.where
        for row in OF_ROLES
        if {"kms:GenerateDataKey", "kms:Decrypt"} == set(row.actions)
        and row.resources == ("${MessagesKeyArn}",)
        and any(f"{service}.{HOST}" in condition for condition in row.conditions)
    }

    assert senders
    assert senders <= encrypting


def test_people_are_told_through_the_alerts_topic_only() -> None:
    for row in OF_ROLES:
        if row.where == "rehearsal.RehearseAlertFunctionRole" and "sns:Publish" in row.actions:
            # It plays CloudWatch.
            assert row.resources == ("${AlarmsTopicArn}",)
            continue
        # That of chat channels beside it, where there is one.
        assert "sns:Publish" not in row.actions or row.resources in PEOPLE, row


def test_secrets_are_read_one_by_one() -> None:
    for row in OF_ROLES:
        if "secretsmanager:GetSecretValue" in row.actions:
            assert all(resource.startswith("${") for resource in row.resources), row


def test_a_snapshot_is_deleted_only_with_the_tags_of_this_stack() -> None:
    deleting = [row for row in OF_ROLES if "rds:DeleteDBSnapshot" in row.actions]

    assert [(row.where, row.conditions) for row in deleting] == [
        (
            "snapshots.ExpireSnapshotsFunctionRole",
            (
                "StringEquals aws:ResourceTag/managed-by = langpont-rds",
                "StringEquals aws:ResourceTag/project = ${ProjectName}",
                "StringEquals aws:ResourceTag/environment = ${Environment}",
                "StringEquals aws:ResourceTag/source-instance = ${DBInstanceIdentifier}",
            ),
        )
    ]


def test_function_that_a_deletion_runs_makes_no_log_group_after_it() -> None:
    served = {
        f"{stack}.{resource['Properties']['ServiceToken']['Fn::GetAtt'][0]}Role"
        for stack in TEMPLATES
        for resource in transformed(stack)["Resources"].values()
        if resource["Type"].startswith("Custom::")
    }

    forbidden = {row.where for row in OF_ROLES if (row.effect, row.actions) == ("Deny", ("logs:CreateLogGroup",))}

    assert len(served) >= 3
    assert forbidden == served


def test_every_service_that_invokes_a_function_is_named_with_its_source() -> None:
    permissions = {
        f"{stack}.{logical_id}" for stack in TEMPLATES for logical_id in resources(stack, "AWS::Lambda::Permission")
    }
    invoking = [row for row in ROWS if row.where in permissions]

    assert {row.who for row in invoking} >= {"sns.amazonaws.com", "events.amazonaws.com"}
    for row in invoking:
        assert any("aws:SourceArn = ${" in condition for condition in row.conditions), row


def test_a_role_is_passed_one_by_one_and_to_the_service_that_takes_it() -> None:
    passing = [row for row in OF_ROLES if "iam:PassRole" in row.actions]

    assert [(row.where, row.actions, row.resources, row.conditions) for row in passing] == [
        (
            "reactions.ReactToRdsEventFunctionRole",
            ("iam:PassRole",),
            ("${FollowUpRole.Arn}",),
            ("StringEquals iam:PassedToService = scheduler.amazonaws.com",),
        )
    ]


def test_schedules_are_made_in_the_group_of_second_looks_only() -> None:
    making = [row for row in OF_ROLES if any(action.startswith("scheduler:") for action in row.actions)]

    assert [(row.actions, row.resources) for row in making] == [
        (("scheduler:CreateSchedule",), ("scheduler:schedule/${ScheduleGroup}/*",))
    ]


def test_second_looks_only_invoke_the_function_that_remembered_them() -> None:
    trust, invoke, send, encrypt = _of("FollowUpRole")

    assert trust.who == "scheduler.amazonaws.com"
    assert "StringEquals aws:SourceArn = ${ScheduleGroup.Arn}" in trust.conditions
    assert (invoke.actions, invoke.resources) == (("lambda:InvokeFunction",), ("${ReactToRdsEventFunction.Arn}",))
    assert send.resources == ("${ReactToRdsEventDeadLetterQueue.Arn}",)
    assert encrypt.resources == ("${MessagesKeyArn}",)


def test_every_schedule_acts_by_a_role_of_its_own() -> None:
    schedules = [
        (stack, schedule["Properties"])
        for stack in TEMPLATES
        for schedule in resources(stack, "AWS::Scheduler::Schedule").values()
    ]
    roles = [schedule["Target"]["RoleArn"]["Fn::GetAtt"][0] for _, schedule in schedules]

    assert schedules
    assert len(roles) == len(set(roles))
    for (stack, schedule), role in zip(schedules, roles, strict=True):
        trust, invoke, send, encrypt = _of(role)
        # The rehearsal's schedule is in the group of the reactions, which its stack is nested in.
        own_group = (
            ("ScheduleGroupName", "ScheduleGroupArn")
            if stack == "rehearsal"
            else ("ScheduleGroup", "ScheduleGroup.Arn")
        )
        assert schedule["GroupName"] == {"Ref": own_group[0]}, stack
        assert trust.conditions == (
            "StringEquals aws:SourceAccount = ${AWS::AccountId}",
            f"StringEquals aws:SourceArn = ${{{own_group[1]}}}",
        )
        assert (trust.who, invoke.actions) == ("scheduler.amazonaws.com", ("lambda:InvokeFunction",))
        assert {"Fn::GetAtt": invoke.resources[0][2:-1].split(".")} == schedule["Target"]["Arn"]
        assert {"Fn::GetAtt": send.resources[0][2:-1].split(".")} == schedule["Target"]["DeadLetterConfig"]["Arn"]
        assert encrypt.resources == ("${MessagesKeyArn}",)
