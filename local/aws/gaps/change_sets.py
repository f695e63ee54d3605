"""Change sets: what conditions remove, which property replaces, and what changes inside nested stacks.

The emulator compares templates as if every condition held and nothing existed yet, calls a change "Conditional" where
it has no list of the type's properties, and stops at nested stacks.
"""

import copy
import secrets
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ministack.services.cloudformation import _change_sets, _stacks, changesets, engine, handlers, provisioners, stacks

from local.aws.gaps import nested_stacks

_REGION_OF_SCHEMAS = "us-east-1"

type Parameters = dict[str, Any]
type Response = tuple[int, dict[str, str], bytes]
type ChangeSet = dict[str, Any]


def install() -> None:
    """Replace comparison and classification, and wrap creation, description, execution and deletion."""
    changesets._resolve_props_for_diff = effective
    stacks._property_recreation = recreation
    actions = handlers._ACTION_HANDLERS
    create, describe = actions["CreateChangeSet"], actions["DescribeChangeSet"]
    execute, delete = actions["ExecuteChangeSet"], actions["DeleteChangeSet"]

    def create_with_nested(parameters: Parameters) -> Response:
        response: Response = create(parameters)
        made = _find(parameters)
        if made and _first(parameters, "IncludeNestedStacks").lower() == "true":
            _add_nested(made, create_with_nested)
        return response

    def describe_with_nested(parameters: Parameters) -> Response:
        status, headers, body = describe(parameters)
        return status, headers, _with_links(body.decode(), _find(parameters) or {}).encode()

    def execute_all(parameters: Parameters) -> Response:
        _drop_nested(parameters)
        response: Response = execute(parameters)
        return response

    def delete_all(parameters: Parameters) -> Response:
        _drop_nested(parameters)
        response: Response = delete(parameters)
        return response

    actions.update(CreateChangeSet=create_with_nested, DescribeChangeSet=describe_with_nested)
    actions.update(ExecuteChangeSet=execute_all, DeleteChangeSet=delete_all)


def effective(template: Mapping[str, Any], values: Mapping[str, Any], stack: str, stack_id: str) -> dict[str, Any]:
    """Return the resources that a template makes with these values, their properties resolved as far as is known."""
    conditions = engine._evaluate_conditions(template, values) if template else {}
    known = _stacks.get(stack, {}).get("_resources", {})
    resources = {}
    for logical_id, resource in template.get("Resources", {}).items():
        if conditions.get(resource.get("Condition"), True):
            context = (known, values, conditions, template.get("Mappings", {}), stack, stack_id)
            resources[logical_id] = {**resource, "Properties": _resolved(resource.get("Properties", {}), context)}
    return {"Resources": resources}


@cache
def recreation(resource_type: str, name: str) -> str:
    """Return Always, Conditionally or Never, as the resource type's schema in the CloudFormation registry says.

    cfn-lint ships the registry's schemas (createOnlyProperties, conditionalCreateOnlyProperties).
    """
    # It takes a second to import, which only whoever makes a change set shall wait for.
    from cfnlint.schema import (  # type: ignore[import-untyped]  # noqa: PLC0415
        PROVIDER_SCHEMA_MANAGER,
        ResourceNotFoundError,
    )

    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION_OF_SCHEMAS, resource_type).schema
    except ResourceNotFoundError:
        return str(provisioners._property_recreation(resource_type, name))
    if name in _properties(schema, "createOnlyProperties"):
        return "Always"
    return "Conditionally" if name in _properties(schema, "conditionalCreateOnlyProperties") else "Never"


def _properties(schema: Mapping[str, Any], kind: str) -> set[str]:
    return {pointer.split("/")[2] for pointer in schema.get(kind, [])}


def _resolved(raw: Any, context: tuple[Any, ...]) -> Any:
    """Return the value; what only the execution can know stays as it is written."""
    try:
        value = engine._resolve_refs(copy.deepcopy(raw), *context)
    except (ValueError, KeyError, TypeError):
        if not isinstance(raw, dict) or any(name == "Ref" or name.startswith("Fn::") for name in raw):
            return raw
        value = {name: _resolved(inner, context) for name, inner in raw.items()}
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if inner is not engine._NO_VALUE}
    return value


def _add_nested(root: ChangeSet, create: Any) -> None:
    """Make a change set of every nested stack that the change set modifies, and link those that hold changes."""
    template = effective(root["_template"], root["_resolved_params"], root["StackName"], root["StackId"])
    for change in (change["ResourceChange"] for change in root["Changes"]):
        if change["ResourceType"] != nested_stacks.TYPE or change["Action"] != "Modify":
            continue
        request = _nested_request(root, change, template["Resources"][change["LogicalResourceId"]]["Properties"])
        _, _, body = create(request)
        nested = _find(request)
        if nested is None or (nested["Changes"] and nested["Status"] == "FAILED"):
            reason = nested["StatusReason"] if nested else body.decode()
            what = f"The change set of {change['LogicalResourceId']} could not be created: {reason}"
            root.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=what)
            return
        nested["ParentChangeSetId"] = root["ChangeSetId"]
        if nested["Changes"]:
            change["ChangeSetId"] = nested["ChangeSetId"]


def _nested_request(root: ChangeSet, change: Mapping[str, Any], properties: Mapping[str, Any]) -> Parameters:
    request: Parameters = {
        "StackName": provisioners._nested_stack_lookup_name(change["PhysicalResourceId"]),
        "ChangeSetName": f"{root['ChangeSetName']}-{change['LogicalResourceId']}-{secrets.token_hex(6)}",
        "TemplateURL": properties["TemplateURL"],
        "IncludeNestedStacks": "true",
    }
    for number, capability in enumerate(root.get("Capabilities", []), 1):
        request[f"Capabilities.member.{number}"] = capability
    for number, (name, value) in enumerate((properties.get("Parameters") or {}).items(), 1):
        member = f"Parameters.member.{number}"
        request[f"{member}.ParameterKey"] = name
        if isinstance(value, dict):
            request[f"{member}.UsePreviousValue"] = "true"
        else:
            request[f"{member}.ParameterValue"] = str(value)
    return request


def _with_links(body: str, change_set: ChangeSet) -> str:
    for change in (change["ResourceChange"] for change in change_set.get("Changes", [])):
        if "ChangeSetId" in change:
            mark = f"<LogicalResourceId>{change['LogicalResourceId']}</LogicalResourceId>"
            body = body.replace(mark, f"{mark}<ChangeSetId>{change['ChangeSetId']}</ChangeSetId>")
    if ancestors := list(_ancestors(change_set)):
        parent, root = ancestors[0]["ChangeSetId"], ancestors[-1]["ChangeSetId"]
        links = f"<ParentChangeSetId>{parent}</ParentChangeSetId><RootChangeSetId>{root}</RootChangeSetId>"
        body = body.replace("</DescribeChangeSetResult>", f"{links}</DescribeChangeSetResult>")
    return body


def _drop_nested(parameters: Parameters) -> None:
    """Forget the nested change sets of one that is executed or deleted: they share its end."""
    root = _find(parameters)
    for nested in list(_descendants(root)) if root else []:
        _change_sets.pop(nested["ChangeSetId"], None)


def _ancestors(change_set: ChangeSet) -> Iterator[ChangeSet]:
    while change_set := _change_sets.get(change_set.get("ParentChangeSetId", "")):
        yield change_set


def _descendants(change_set: ChangeSet) -> Iterator[ChangeSet]:
    for child in list(_change_sets.values()):
        if child.get("ParentChangeSetId") == change_set["ChangeSetId"]:
            yield child
            yield from _descendants(child)


def _find(parameters: Parameters) -> ChangeSet | None:
    _, found = changesets._find_change_set(_first(parameters, "ChangeSetName"), _first(parameters, "StackName"))
    return found if isinstance(found, dict) else None


def _first(parameters: Parameters, name: str) -> str:
    value = parameters.get(name, "")
    return str(value[0] if isinstance(value, list) else value)
