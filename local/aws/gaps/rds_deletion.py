"""Deletion of DB instances: protection, final snapshots, and what becomes of replicas.

The emulator deletes a protected instance with its stack, asks nobody whether a final snapshot is wanted, gives the one
of a stack the same name each time, and forgets the instance's tags in it.
"""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from ministack.services import rds
from ministack.services.cloudformation import _stacks, provisioners

from local.aws.gaps.rds_events import RdsEvent, emit_snapshot_event
from local.aws.gaps.rds_instances import TYPE

UNNAMED = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
PROTECTED = "Cannot delete protected DB Instance, please disable deletion protection and try again."
_SUFFIX = string.ascii_lowercase + string.digits

type Parameters = dict[str, list[str]]
type Response = tuple[int, dict[str, str], bytes]
type Instance = dict[str, Any]


def install() -> None:
    """Wrap the deletion of instances by request and by stack."""
    handlers, actions = provisioners._RESOURCE_HANDLERS[TYPE], rds._ACTION_MAP
    actions["DeleteDBInstance"] = _by_request(actions["DeleteDBInstance"])
    handlers.update(delete=_by_stack(handlers["delete"]), delete_with_logical_id=True, snapshot=snapshot_with_stack)
    rds._create_snapshot_internal = _tagged(rds._create_snapshot_internal)


def refuse(instance: Instance, parameters: Parameters) -> tuple[str, str] | None:
    """Return code and message of the error with which RDS refuses a deletion, or None.

    RDS API reference, DeleteDBInstance: a final snapshot is to be named or declined, and replicas make none.
    """
    name, skipped = rds._p(parameters, "FinalDBSnapshotIdentifier"), rds._p(parameters, "SkipFinalSnapshot") == "true"
    is_replica = bool(instance.get("ReadReplicaSourceDBInstanceIdentifier"))
    named = "FinalDBSnapshotIdentifier cannot be specified when"
    exists = f"Cannot create the snapshot because a snapshot with the identifier {name} already exists."
    refusals = {
        ("InvalidParameterCombination", PROTECTED): instance.get("DeletionProtection"),
        ("InvalidParameterCombination", f"{named} SkipFinalSnapshot is specified."): skipped and name,
        ("InvalidParameterCombination", f"{named} deleting a read replica."): is_replica and name,
        ("InvalidParameterCombination", UNNAMED): not is_replica and not skipped and not name,
        ("DBSnapshotAlreadyExists", exists): name in rds._snapshots,
    }
    return next((refusal for refusal, applies in refusals.items() if applies), None)


def snapshot_with_stack(identifier: str, _properties: Mapping[str, Any]) -> None:
    """Make the final snapshot that CloudFormation makes of an instance; replicas have none.

    Raises:
        ValueError: the instance is protected; the snapshot would be part of the deletion that is refused.
    """
    instance = rds._instances.get(identifier)
    if instance is None:
        return
    _refuse_if_protected(instance)
    if not instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        _emit(rds._create_snapshot_internal(snapshot_name(instance), instance))


def snapshot_name(instance: Instance) -> str:
    """Return a name as CloudFormation gives it: stack, "snapshot", logical id and twelve characters, lower-case."""
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("TagList", [])}
    stack = tags.get("aws:cloudformation:stack-name", "stack")
    logical_id = tags.get("aws:cloudformation:logical-id", instance["DBInstanceIdentifier"])
    return f"{stack}-snapshot-{logical_id}-{''.join(secrets.choice(_SUFFIX) for _ in range(12))}".lower()


def copied_tags(instance: Instance) -> list[dict[str, str]]:
    """Return the tags that a snapshot gets from its instance: none of AWS's own, and none unless it is told to copy."""
    if not instance.get("CopyTagsToSnapshot"):
        return []
    return [dict(tag) for tag in instance.get("TagList", []) if not tag["Key"].startswith("aws:")]


def _tagged(create: Any) -> Any:
    def create_tagged(identifier: str, instance: Instance) -> dict[str, Any]:
        snapshot: dict[str, Any] = create(identifier, instance)
        snapshot["TagList"] = copied_tags(instance)
        rds._tags[snapshot["DBSnapshotArn"]] = snapshot["TagList"]
        return snapshot

    return create_tagged


def _by_request(delete: Any) -> Any:
    def delete_by_request(parameters: Parameters) -> Response:
        instance = rds._resolve_instance(rds._p(parameters, "DBInstanceIdentifier"))
        if instance and (refusal := refuse(instance, parameters)):
            error: Response = rds._error(*refusal, 400)
            return error
        response: Response = delete(parameters)
        if final := rds._snapshots.get(rds._p(parameters, "FinalDBSnapshotIdentifier")):
            _emit(final)
        if instance:
            _forget(instance)
        return response

    return delete_by_request


def _by_stack(delete: Any) -> Any:
    def delete_by_stack(identifier: str, properties: Mapping[str, Any], logical_id: str) -> None:
        instance = rds._instances.get(identifier)
        if instance is None:
            return
        _refuse_if_protected(instance)
        if _replaced_with_snapshot(instance, logical_id):
            snapshot_with_stack(identifier, properties)
        delete(identifier, properties)
        _forget(instance)

    return delete_by_stack


def _refuse_if_protected(instance: Instance) -> None:
    if instance.get("DeletionProtection"):
        raise ValueError(PROTECTED)


def _replaced_with_snapshot(instance: Instance, logical_id: str) -> bool:
    """Tell whether this is an update's replacement of an instance that says to snapshot what is replaced."""
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("TagList", [])}
    stack = tags.get("aws:cloudformation:stack-name", "")
    definition = provisioners._cfn_wait_condition_definition(stack, logical_id)
    updating = _stacks.get(stack, {}).get("StackStatus") == "UPDATE_IN_PROGRESS"
    return bool(updating and definition.get("UpdateReplacePolicy") == "Snapshot")


def _emit(snapshot: dict[str, Any]) -> None:
    emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0040", ("creation",), "Creating manual snapshot"))
    emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0042", ("creation",), "Manual snapshot created"))


def _forget(gone: Instance) -> None:
    """Take a deleted instance out of its source's replicas, and make its own replicas instances of their own."""
    identifier = gone["DBInstanceIdentifier"]
    for instance in rds._instances.values():
        replicas = instance.get("ReadReplicaDBInstanceIdentifiers", [])
        instance["ReadReplicaDBInstanceIdentifiers"] = [replica for replica in replicas if replica != identifier]
        if instance.get("ReadReplicaSourceDBInstanceIdentifier") == identifier:
            instance["ReadReplicaSourceDBInstanceIdentifier"] = ""
