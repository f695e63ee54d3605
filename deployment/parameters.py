"""Checks a deployment's parameters against what the template declares, before anything is built.

CloudFormation checks the same, minutes later. What it alone can tell, the template's Rules among it, is left to it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from deployment.errors import DeploymentError

type Declaration = Mapping[str, Any]


def check_parameters(template: Path, given: Mapping[str, str]) -> None:
    """Make sure that the template takes what is given.

    Args:
        template: The root template, as it is written or packaged.
        given: The values of the parameters that are given.

    Raises:
        DeploymentError: the template is not there, or a parameter is not its own or has a value that it does not allow;
            each is named, with what is allowed.
    """
    if not template.is_file():
        raise DeploymentError(f"there is no template {template}")
    declared = yaml_parse(template.read_text(encoding="utf-8")).get("Parameters", {})
    if problems := list(_problems(declared, given)):
        raise DeploymentError("; ".join(problems))


def _problems(declared: Mapping[str, Declaration], given: Mapping[str, str]) -> Iterator[str]:
    for name, value in given.items():
        if name not in declared:
            yield f"the template has no parameter {name}; it has {', '.join(declared)}"
        elif not all(_is_allowed(declared[name], item) for item in _items(declared[name], value)):
            shown = "not shown here" if str(declared[name].get("NoEcho", False)).lower() == "true" else repr(value)
            yield f"the parameter {name} is {shown}, allowed: {_allowed(declared[name])}"


def _items(declaration: Declaration, value: str) -> list[str]:
    # Of a list each item is checked (CloudFormation user guide, "Parameters": AllowedPattern).
    is_list = declaration["Type"].startswith(("CommaDelimitedList", "List<"))
    return value.split(",") if is_list else [value]


def _is_allowed(declaration: Declaration, value: str) -> bool:
    values, pattern = declaration.get("AllowedValues"), declaration.get("AllowedPattern")
    return (
        (values is None or value in map(str, values))
        and (pattern is None or re.fullmatch(pattern, value) is not None)
        and len(value) <= int(declaration.get("MaxLength", len(value)))
        and (declaration["Type"] != "Number" or _is_number_within(declaration, value))
    )


def _is_number_within(declaration: Declaration, value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return float(declaration.get("MinValue", number)) <= number <= float(declaration.get("MaxValue", number))


def _allowed(declaration: Declaration) -> str:
    if values := declaration.get("AllowedValues"):
        return ", ".join(map(str, values))
    words = str(declaration.get("ConstraintDescription") or declaration.get("AllowedPattern") or "a number")
    return words.removesuffix(".")
