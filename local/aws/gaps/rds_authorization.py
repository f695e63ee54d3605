"""Enforced IAM for RDS: snapshot ARNs, snapshot tags, dependent actions, and denials that name the resource.

Service authorization reference, "Actions, resources, and condition keys for Amazon RDS": CreateDBSnapshot is
authorized on the instance and on the snapshot, and with tags as AddTagsToResource on the snapshot, too.
"""

import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import rds, tagging

_request: ContextVar[Mapping[str, Any]] = ContextVar("rds_request")
_denied: ContextVar[tuple[str, str] | None] = ContextVar("denied_check", default=None)
_SNAPSHOT_ACTIONS = {"CreateDBSnapshot", "DeleteDBSnapshot", "DescribeDBSnapshots", "ModifyDBSnapshotAttribute"}
_TAGS = re.compile(r"Tags\.(?:Tag|member)\.\d+\.Key")


def install() -> None:
    """Teach the emulator's authorization about snapshots."""
    _install_resources()
    _install_dependent_checks()
    _install_denial_messages()
    tagging._RESOURCE_TAG_COLLECTORS["rds"] = resource_tags


def resource_tags() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield ARN and tags of every instance and snapshot, for `aws:ResourceTag`."""
    for snapshot in rds._snapshots.values():
        yield snapshot["DBSnapshotArn"], snapshot.get("TagList", [])
    for instance in rds._instances.values():
        yield instance["DBInstanceArn"], instance.get("TagList", [])


def checks(action: str, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what RDS authorizes for one request: pairs of action and resource ARN, the named one first."""
    operation = action.removeprefix("rds:")
    snapshot, instance = _first(parameters, "DBSnapshotIdentifier"), _first(parameters, "DBInstanceIdentifier")
    if operation in ("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"):
        return [(action, _first(parameters, "ResourceName"))]
    if operation == "DescribePendingMaintenanceActions":
        return [(action, _first(parameters, "ResourceIdentifier") or "*")]
    if operation == "DescribeDBSnapshots" and not snapshot and not instance:
        # A listing of everything is authorized on every resource of its type.
        return [(action, _arn("snapshot", "*"))]
    if operation not in _SNAPSHOT_ACTIONS or not snapshot:
        return [(action, _arn("db", instance) if instance else "*")]
    pairs = [(action, _arn("snapshot", snapshot))]
    if operation == "CreateDBSnapshot":
        pairs.append((action, _arn("db", instance)))
        if any(_TAGS.fullmatch(name) for name in parameters):
            pairs.append(("rds:AddTagsToResource", _arn("snapshot", snapshot)))
    return pairs


def _install_resources() -> None:
    extract = iam_actions.extract_resource_arn

    def extract_for_rds(
        service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *rest: Any
    ) -> str:
        _request.set(params if service == "rds" else {})
        action = iam_actions.extract_iam_action(service, method, path, headers, body, params) or ""
        if action.startswith("rds:"):
            return checks(action, params)[0][1]
        return str(extract(service, method, path, headers, body, params, *rest))

    iam_actions.extract_resource_arn = extract_for_rds


def _install_dependent_checks() -> None:
    enforce = iam_evaluator.enforce

    def enforce_all(access_key: str, action: str, service: str, region: str, **context: Any) -> Any:
        _denied.set(None)
        if service != "rds":
            return enforce(access_key, action, service, region, **context)
        for checked, resource in checks(action, _request.get({})):
            denied = enforce(access_key, checked, service, region, **{**context, "resource_arn": resource})
            if denied:
                _denied.set((checked, resource))
                return denied
        return None

    iam_evaluator.enforce = enforce_all


def _install_denial_messages() -> None:
    respond = iam_actions.access_denied_response

    def respond_naming_resource(service: str, action: str, principal: str, request_id: str, **rest: Any) -> Any:
        if not rest.get("error_code") and not rest.get("message") and not rest.get("resource_policy_arn"):
            checked, resource = _denied.get() or (action, rest.get("resource_arn", "*"))
            explicit = bool(rest.get("explicit_deny"))
            rest["message"] = iam_actions.identity_denial_message(checked, principal, resource, explicit)
        return respond(service, action, principal, request_id, **rest)

    iam_actions.access_denied_response = respond_naming_resource


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:rds:{get_region()}:{get_account_id()}:{kind}:{name}"


def _first(parameters: Mapping[str, Any], name: str) -> str:
    value = parameters.get(name, "")
    return str(value[0] if isinstance(value, list) else value)
