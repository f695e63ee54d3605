"""The templates as data: as written, and as SAM transforms them for CloudFormation."""

import copy
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
TEMPLATES = {"root": ROOT / "template.yaml", **{path.stem: path for path in sorted((ROOT / "stacks").glob("*.yaml"))}}

type Template = dict[str, Any]


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


@cache
def source(name: str) -> Template:
    """Return a template as it is written."""
    template: Template = yaml_parse(TEMPLATES[name].read_text(encoding="utf-8"))
    return template


@cache
def transformed(name: str) -> Template:
    """Return a template as CloudFormation sees it."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-1")
    written = copy.deepcopy(source(name))
    if "Transform" not in written:
        return written
    for resource in written["Resources"].values():
        for code in {"CodeUri", "ContentUri"} & set(resource["Properties"]):
            # `sam package` uploads what lies there; the transform takes nothing else.
            resource["Properties"][code] = "s3://bucket/key"
    result: Template = transform(written, {}, _NoManagedPolicies())
    return result


def resources(name: str, resource_type: str) -> dict[str, Template]:
    """Return the transformed resources of a type by logical id."""
    found = transformed(name)["Resources"].items()
    return {logical_id: resource for logical_id, resource in found if resource["Type"] == resource_type}


def functions() -> Iterator[tuple[str, str, Template]]:
    """Yield stack, logical id and properties of every function as written, with the stack's globals merged in."""
    for name in TEMPLATES:
        shared = source(name).get("Globals", {}).get("Function", {})
        for logical_id, resource in source(name)["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                own = resource["Properties"]
                variables = {**variables_of(shared), **variables_of(own)}
                yield name, logical_id, {**shared, **own, "Environment": {"Variables": variables}}


def variables_of(function: Template) -> dict[str, Any]:
    """Return the environment variables of a function."""
    variables: dict[str, Any] = function.get("Environment", {}).get("Variables", {})
    return variables


def statements() -> Iterator[tuple[str, Template]]:
    """Yield where it stands and every statement of every policy of every role, transformed."""
    for name in TEMPLATES:
        for logical_id, role in resources(name, "AWS::IAM::Role").items():
            for policy in role["Properties"].get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    # A conditional statement counts with both of its branches.
                    for branch in statement["Fn::If"][1:] if "Fn::If" in statement else [statement]:
                        yield f"{name}.{logical_id}", branch
