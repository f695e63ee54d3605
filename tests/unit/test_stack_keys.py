"""S8: three customer keys for data, each with rotation, an alias and a policy that gives no more than its use needs."""

from typing import Any

import pytest

from tests.stack_plan import root
from tests.templates import source

PLAN = root(ReplicaCount=2)
KEYS = {path: properties for path, properties in PLAN.made("AWS::KMS::Key") if path.startswith("KeysStack/")}
ALIASES = {properties["TargetKeyId"]: properties["AliasName"] for _, properties in PLAN.made("AWS::KMS::Alias")}
ACCOUNT = {"AWS": "arn:aws:iam::123456789012:root"}
every_key = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())


def statements(key: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in key["KeyPolicy"]["Statement"]}


def test_there_is_a_key_for_storage_copies_and_performance_insights() -> None:
    assert {path: ALIASES[path] for path in KEYS} == {
        "KeysStack/StorageKey": "alias/langpont-prod-rds-key",
        "KeysStack/BackupKey": "alias/langpont-prod-backup-key",
        "KeysStack/PerformanceInsightsKey": "alias/langpont-prod-performance-insights",
    }


@every_key
def test_key_rotates_and_takes_a_month_to_die(key: dict[str, Any]) -> None:
    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30


@pytest.mark.parametrize("name", ["StorageKey", "BackupKey", "PerformanceInsightsKey"])
def test_key_outlives_its_stack(name: str) -> None:
    resource = source("keys")["Resources"][name]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@every_key
def test_key_is_used_through_rds_only_and_by_this_account_only(key: dict[str, Any]) -> None:
    use = statements(key)["RdsUsesItForIdentitiesOfThisAccount"]

    assert use["Condition"] == {"StringEquals": {"kms:ViaService": "rds.ap-northeast-1.amazonaws.com"}}
    assert {each["Sid"] for each in statements(key).values() if each["Principal"] != ACCOUNT} == set()


@every_key
def test_managing_a_key_is_not_using_it(key: dict[str, Any]) -> None:
    manage = statements(key)["AdministratorsManageIt"]["Action"]
    using = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant", "kms:*"}

    assert not using & set(manage)
    assert not [action for action in manage if action in ("kms:*", "kms:Create*", "kms:Generate*")]
    # Otherwise nobody could ever change the policy again, and KMS refuses such a key.
    assert {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"} <= set(manage)


@every_key
def test_every_statement_of_a_policy_allows_something_named(key: dict[str, Any]) -> None:
    assert list(statements(key)) == ["AdministratorsManageIt", "RdsUsesItForIdentitiesOfThisAccount"]


def test_only_the_key_of_copies_can_get_a_twin_in_another_region() -> None:
    assert {path for path, key in KEYS.items() if key.get("MultiRegion")} == {"KeysStack/BackupKey"}
    assert "kms:ReplicateKey" in statements(KEYS["KeysStack/BackupKey"])["AdministratorsManageIt"]["Action"]


def test_key_of_copies_is_told_to_those_who_copy() -> None:
    assert PLAN.output("BackupKeyArn") == "KeysStack/BackupKey.Arn"
