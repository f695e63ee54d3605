"""What IAM lets the snapshot functions do, so that a bug in them can harm no stranger's snapshot."""

import pytest

from rds_operations.domain.snapshots import Ownership, SnapshotRequest, creation_tags
from tests.rights import PARAMETERS, may
from tests.snapshots import NOW
from tests.templates import statements

CREATE, EXPIRE = "snapshots.CreateSnapshotFunctionRole", "snapshots.ExpireSnapshotsFunctionRole"
WATCH = "backups.WatchBackupsFunctionRole"
OWNERSHIP = Ownership("langpont", "prod", PARAMETERS["DBInstanceIdentifier"])
OWN = creation_tags(OWNERSHIP, SnapshotRequest(NOW, "scheduled"), {"CostCenter": "42"}, "db-ABC")
NEW = "snapshot:langpont-manual-20261123-180000"
FOREIGN = (
    {"managed-by": "somebody-else"},
    OWN | {"environment": "dev"},
    OWN | {"project": "other"},
    OWN | {"source-instance": "langpont-prod-db-2"},
)


makers = pytest.mark.parametrize("role", [CREATE, WATCH])


def without(key: str) -> dict[str, str]:
    return {name: value for name, value in OWN.items() if name != key}


@makers
def test_creation_of_an_owned_snapshot_is_allowed(role: str) -> None:
    assert may(role, "rds:CreateDBSnapshot", "db:langpont-prod-db", request=OWN)
    assert may(role, "rds:CreateDBSnapshot", NEW, request=OWN)
    assert may(role, "rds:AddTagsToResource", NEW, request=OWN)


@makers
@pytest.mark.parametrize("action", ["rds:CreateDBSnapshot", "rds:AddTagsToResource"])
@pytest.mark.parametrize("tags", [{}, *FOREIGN, *(without(key) for key in OWNERSHIP.tags())])
def test_creation_needs_every_tag_of_ownership(role: str, action: str, tags: dict[str, str]) -> None:
    assert not may(role, action, NEW, request=tags)


@makers
@pytest.mark.parametrize(
    "resource",
    [
        "db:other-db",
        "db:langpont-prod-db-2",
        "snapshot:other-20261123-180000",
        "snapshot:langpont-manual-final",
        "snapshot:langpont-manual-snapshot-20261123-180000",
        "snapshot:rds:langpont-prod-db-2026-11-23-03-00",
        "snapshot:awsbackup:job-1",
    ],
)
def test_creation_is_for_this_instance_and_this_name_pattern(role: str, resource: str) -> None:
    assert not may(role, "rds:CreateDBSnapshot", resource, request=OWN)
    assert not may(role, "rds:AddTagsToResource", resource, request=OWN)


@makers
@pytest.mark.parametrize("tags", FOREIGN)
def test_snapshot_that_others_have_marked_cannot_be_marked_as_ours(role: str, tags: dict[str, str]) -> None:
    assert not may(role, "rds:AddTagsToResource", NEW, request=OWN, found=tags)


def test_no_function_can_take_tags_off() -> None:
    actions = {action for _, statement in statements() for action in _actions(statement)}

    assert "rds:AddTagsToResource" in actions
    assert "rds:RemoveTagsFromResource" not in actions


@pytest.mark.parametrize("resource", [NEW, "snapshot:langpont-manual-by-hand"])
def test_deletion_of_an_owned_snapshot_is_allowed(resource: str) -> None:
    assert may(EXPIRE, "rds:DeleteDBSnapshot", resource, found=OWN)


@pytest.mark.parametrize("tags", [{}, *FOREIGN, *(without(key) for key in OWNERSHIP.tags())])
def test_deletion_of_a_foreign_snapshot_is_denied(tags: dict[str, str]) -> None:
    assert not may(EXPIRE, "rds:DeleteDBSnapshot", NEW, found=tags)


@pytest.mark.parametrize("resource", ["snapshot:other-1", "snapshot:rds:langpont-manual-1", "snapshot:awsbackup:job-1"])
def test_deletion_of_another_name_is_denied(resource: str) -> None:
    assert not may(EXPIRE, "rds:DeleteDBSnapshot", resource, found=OWN)


@pytest.mark.parametrize(
    ("role", "action"),
    [
        (CREATE, "rds:DeleteDBSnapshot"),
        (EXPIRE, "rds:AddTagsToResource"),
        (EXPIRE, "rds:CreateDBSnapshot"),
        (EXPIRE, "rds:DeleteDBInstance"),
        (EXPIRE, "rds:ModifyDBSnapshotAttribute"),
    ],
)
def test_each_function_has_its_own_right_and_no_other(role: str, action: str) -> None:
    assert not may(role, action, NEW, request=OWN, found=OWN)


def test_expiry_may_report_on_the_topic_of_alerts_alone() -> None:
    (publishing,) = [s for where, s in statements() if where == EXPIRE and "sns:Publish" in _actions(s)]

    assert publishing["Resource"] == {"Ref": "AlertsTopicArn"}


def _actions(statement: dict[str, str | list[str]]) -> list[str]:
    action = statement["Action"]
    return action if isinstance(action, list) else [action]
