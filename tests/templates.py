"""The templates as data: as written, and as SAM transforms them for CloudFormation."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from generators import templates
from generators.templates import SAM, Template

__all__ = ["SAM", "Template"]

ROOT = Path(__file__).parents[1]
TEMPLATES = templates.template_paths(ROOT)
# The services define no resource type for these (service authorization reference), but for the history of alarms: that
# of composite ones needs everything (API reference, DescribeAlarmHistory).
ONLY_ON_EVERYTHING = {
    *("rds:DescribeEvents", "ec2:DescribeSecurityGroupRules", "cloudwatch:GetMetricData"),
    "cloudwatch:DescribeAlarmHistory",
}


@cache
def source(name: str) -> Template:
    """Return a template as it is written."""
    return templates.source(ROOT, name)


@cache
def transformed(name: str) -> Template:
    """Return a template as CloudFormation sees it."""
    return templates.transformed(ROOT, name)


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
