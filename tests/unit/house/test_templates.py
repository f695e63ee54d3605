"""What every template keeps to, read from what SAM makes of it."""

from typing import Any

import pytest

from tests.templates import ONLY_ON_EVERYTHING, TEMPLATES, functions, resources, source, statements

STATEFUL = (
    "AWS::RDS::DBInstance",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::Logs::LogGroup",
    "AWS::SQS::Queue",
    "AWS::CloudFormation::Stack",
)


def _all(resource_type: str) -> dict[str, dict[str, Any]]:
    return {f"{name}.{key}": value for name in TEMPLATES for key, value in resources(name, resource_type).items()}


def _actions(statement: dict[str, Any]) -> set[str]:
    action = statement["Action"]
    return set(action) if isinstance(action, list) else {action}


@pytest.mark.parametrize("resource_type", STATEFUL)
def test_stateful_resource_says_what_becomes_of_it(resource_type: str) -> None:
    found = _all(resource_type)
    silent = [key for key, value in found.items() if not {"DeletionPolicy", "UpdateReplacePolicy"} <= set(value)]

    assert found
    assert silent == []


def test_every_log_group_has_a_retention() -> None:
    assert [
        key for key, value in _all("AWS::Logs::LogGroup").items() if "RetentionInDays" not in value["Properties"]
    ] == []


def test_every_function_is_traced_and_logs_to_its_own_group() -> None:
    for _, logical_id, properties in functions():
        stem = logical_id.removesuffix("Function")

        assert properties["Tracing"] == "Active"
        assert properties["LoggingConfig"] == {"LogGroup": {"Ref": f"{stem}LogGroup"}}


def test_every_function_sends_what_it_cannot_handle_to_its_own_queue() -> None:
    for _, logical_id, properties in functions():
        stem = logical_id.removesuffix("Function")
        on_failure = properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]

        assert on_failure == {"Type": "SQS", "Destination": {"Fn::GetAtt": [f"{stem}DeadLetterQueue", "Arn"]}}


def test_every_source_of_events_has_a_dead_letter_queue() -> None:
    for _, logical_id, properties in functions():
        for event in properties.get("Events", {}).values():
            kept = {"DeadLetterConfig", "RedrivePolicy"} & set(event["Properties"])

            assert kept, logical_id


def test_no_statement_allows_every_action_or_every_resource() -> None:
    for where, statement in statements():
        wide = statement["Resource"] == "*" and not _actions(statement) <= ONLY_ON_EVERYTHING

        assert not wide, f"{where}: {statement}"
        assert not any("*" in action for action in _actions(statement)), where


@pytest.mark.parametrize("resource_type", ["AWS::KMS::Key", "AWS::RDS::DBInstance"])
def test_what_holds_data_is_not_just_deleted(resource_type: str) -> None:
    gone = {key for key, value in _all(resource_type).items() if value["DeletionPolicy"] == "Delete"}

    # A replica holds nothing of its own.
    assert gone == ({"replica.ReplicaInstance"} if resource_type == "AWS::RDS::DBInstance" else set())


@pytest.mark.parametrize("name", TEMPLATES)
def test_custom_resource_answers_or_fails_within_half_an_hour(name: str) -> None:
    custom = [each for each in source(name)["Resources"].values() if each["Type"].startswith("Custom::")]

    # CloudFormation's own patience is an hour.
    assert all(int(each["Properties"]["ServiceTimeout"]) <= 1800 for each in custom)


@pytest.mark.parametrize("resource_type", ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"])
def test_alarms_reach_people_when_they_begin_and_when_they_end(resource_type: str) -> None:
    found = _all(resource_type)

    assert found
    for key, alarm in found.items():
        properties = alarm["Properties"]
        first = {"monitoring": "AlarmsTopicArn", "automation": "AutomationAlarmsTopicArn"}[key.partition(".")[0]]
        # A part of a composite tells nobody by itself; tests/unit/test_alarm_composites.py says which.
        told = properties.get("AlarmActions") or [{"Ref": first}]

        assert told == (properties.get("OKActions") or told)
        assert told[0] == {"Ref": first}
        assert properties["AlarmDescription"]["Fn::Sub"].startswith("Severity: ")
