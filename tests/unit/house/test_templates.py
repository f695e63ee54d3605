"""What every template keeps to, read from what SAM makes of it."""

from typing import Any

import pytest

from tests.templates import TEMPLATES, functions, resources, statements

STATEFUL = (
    "AWS::RDS::DBInstance",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::Logs::LogGroup",
)
# RDS defines no resource type for these (service authorization reference).
WITHOUT_RESOURCE_TYPE = {"rds:DescribeEvents"}


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
        for event in properties["Events"].values():
            kept = {"DeadLetterConfig", "RedrivePolicy"} & set(event["Properties"])

            assert kept, logical_id


def test_no_statement_allows_every_action_or_every_resource() -> None:
    for where, statement in statements():
        wide = statement["Resource"] == "*" and not _actions(statement) <= WITHOUT_RESOURCE_TYPE

        assert not wide, f"{where}: {statement}"
        assert not any("*" in action for action in _actions(statement)), where


def test_primary_leaves_a_final_snapshot_and_is_protected_in_production() -> None:
    primary = resources("database", "AWS::RDS::DBInstance")["PrimaryInstance"]

    assert (primary["DeletionPolicy"], primary["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert primary["Properties"]["DeletionProtection"] == {"Fn::If": ["IsProduction", True, False]}
    assert primary["Properties"]["DeleteAutomatedBackups"] is False
    assert primary["Properties"]["StorageEncrypted"] is True
    assert primary["Properties"]["PubliclyAccessible"] is False


def test_alarms_reach_people_when_they_begin_and_when_they_end() -> None:
    for alarm in _all("AWS::CloudWatch::Alarm").values():
        properties = alarm["Properties"]

        assert properties["AlarmActions"] == properties["OKActions"] == [{"Ref": "AlarmsTopicArn"}]
        assert properties["Dimensions"][0]["Name"] == "DBInstanceIdentifier"
        assert properties["AlarmDescription"].startswith("Severity: ")
