"""Why CloudFormation refuses a deployment before it makes anything: constraints of parameters, and Rules, evaluated."""

import re
from collections.abc import Mapping
from typing import Any

from tests.templates import Template, source

# What `Ref` gives of an empty list inside Rules is nowhere documented: rules have to hold either way.
EMPTY_LISTS: tuple[list[str], ...] = ([], [""])


def refusals(empty_list: list[str], **values: Any) -> list[str]:
    """Return the words of every constraint and rule that forbids these parameters.

    Args:
        empty_list: What an empty list is in rules.
        values: Values of parameters; the others have their defaults.
    """
    template = source("root")
    texts = {name: str(values.get(name, each.get("Default"))) for name, each in template["Parameters"].items()}

    assert not set(values) - set(texts), f"there is no parameter {sorted(set(values) - set(texts))}"
    constrained = [words for name, text in texts.items() for words in _violations(template["Parameters"][name], text)]
    return [*constrained, *_broken_rules(template, texts, empty_list)]


def _violations(parameter: Template, text: str) -> list[str]:
    members = text.split(",") if parameter["Type"] == "CommaDelimitedList" else [text]
    allowed = [str(each) for each in parameter.get("AllowedValues", members)]
    fits = (
        all(member in allowed for member in members)
        and all(re.fullmatch(parameter.get("AllowedPattern", ".*"), member) for member in members)
        and len(text) <= parameter.get("MaxLength", 4096)
        and float(parameter.get("MinValue", "-inf")) <= _number(parameter, text)
        and float(parameter.get("MaxValue", "inf")) >= _number(parameter, text)
    )
    return [] if fits else [parameter.get("ConstraintDescription", f"one of {allowed}")]


def _number(parameter: Template, text: str) -> float:
    return float(text) if parameter["Type"] == "Number" else 0


def _broken_rules(template: Template, texts: Mapping[str, str], empty_list: list[str]) -> list[str]:
    def value(expression: Any) -> Any:
        if isinstance(expression, list):
            return [value(each) for each in expression]
        if not isinstance(expression, dict):
            return expression
        ((function, argument),) = expression.items()
        if function == "Ref":
            if template["Parameters"][argument]["Type"] != "CommaDelimitedList":
                return texts[argument]
            return texts[argument].split(",") if texts[argument] else empty_list
        return _rule_function(function, value(argument))

    return [
        assertion["AssertDescription"]
        for rule in template["Rules"].values()
        if value(rule.get("RuleCondition", {"Fn::Equals": ["", ""]}))
        for assertion in rule["Assertions"]
        if not value(assertion["Assert"])
    ]


def _rule_function(function: str, arguments: list[Any]) -> bool:
    # Rules take no other functions than these and EachMember…: no Fn::If, Fn::Join or Fn::Select (CloudFormation user
    # guide, "Rule-specific intrinsic functions").
    match function, arguments:
        case "Fn::Equals", [one, other]:
            return bool(one == other)
        case "Fn::Not", [one]:
            return not one
        case "Fn::And", _:
            return all(arguments)
        case "Fn::Or", _:
            return any(arguments)
        case "Fn::Contains", [members, one]:
            return one in members
    raise AssertionError(f"{function} is not evaluated here")
