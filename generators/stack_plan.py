"""What CloudFormation would make of the templates and parameters: the functions of templates evaluated, without AWS.

Attributes that only a made resource has are names: `DatabaseStack/PrimaryInstance.DbiResourceId`.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from generators import templates
from generators.errors import PlanError
from generators.templates import Template

REGION = "ap-northeast-1"
ZONES = ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]
ACCOUNT = "123456789012"
PSEUDO = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
NESTED = "AWS::CloudFormation::Stack"
# What `Ref` gives of these; of the others a path.
NAMED_BY = {
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
}

PURE: Mapping[str, Callable[..., Any]] = {
    "Fn::Equals": lambda one, other: str(one) == str(other),
    "Fn::Not": lambda one: not one,
    "Fn::And": lambda *all_of: all(all_of),
    "Fn::Or": lambda *any_of: any(any_of),
    "Fn::Join": lambda separator, parts: separator.join(map(str, parts)),
    "Fn::Split": lambda separator, text: text.split(separator),
    "Fn::Select": lambda index, items: items[int(index)],
    "Fn::Cidr": lambda block, count, bits: _cut(block, int(count), 32 - int(bits)),
}

_SUBSTITUTION = re.compile(r"\$\{(!?[^}]+)\}")


class _NoValue:
    """What `!Ref AWS::NoValue` leaves of a property."""


@dataclass
class Stack:
    """One stack with its parameters' values.

    Args:
        checkout: Where the templates are.
        name: The template, as `generators.templates` names it.
        values: Values of parameters; the others have their defaults.
        path: The logical ids that lead to it, with a slash behind each.
    """

    checkout: Path
    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    _nested: dict[str, "Stack"] = field(default_factory=dict)

    @cached_property
    def template(self) -> Template:
        """The template as CloudFormation sees it."""
        return templates.transformed(self.checkout, self.name)

    def parameter(self, name: str) -> Any:
        """Return a parameter's value, a list for a list."""
        parameter = self.template["Parameters"][name]
        value = str(self.values.get(name, parameter.get("Default")))
        if parameter["Type"] != "CommaDelimitedList":
            return value
        return value.split(",") if value else []

    def condition(self, name: str) -> bool:
        """Return whether a condition holds."""
        return bool(self.value(self.template["Conditions"][name]))

    def has(self, logical_id: str) -> bool:
        """Return whether a resource is made."""
        resource = self.template["Resources"].get(logical_id)
        return resource is not None and ("Condition" not in resource or self.condition(resource["Condition"]))

    def nested(self, logical_id: str) -> "Stack":
        """Return a nested stack."""
        self._require(logical_id)
        if logical_id not in self._nested:
            properties = self.template["Resources"][logical_id]["Properties"]
            given = {name: _text(value) for name, value in self.value(properties.get("Parameters", {})).items()}
            stack = Stack(self.checkout, Path(properties["TemplateURL"]).stem, given, f"{self.path}{logical_id}/")
            _check_parameters_fit(stack)
            self._nested[logical_id] = stack
        return self._nested[logical_id]

    def resource(self, logical_id: str) -> dict[str, Any]:
        """Return the properties of a resource, evaluated."""
        self._require(logical_id)
        properties: dict[str, Any] = self.value(self.template["Resources"][logical_id].get("Properties", {}))
        return properties

    def output(self, name: str) -> Any:
        """Return an output's value."""
        return self.value(self.template["Outputs"][name]["Value"])

    def made(self, *resource_types: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield path and properties of every made resource of these types, in nested stacks, too."""
        for logical_id, resource in self.template["Resources"].items():
            if not self.has(logical_id):
                continue
            if resource["Type"] in resource_types:
                yield f"{self.path}{logical_id}", self.resource(logical_id)
            if resource["Type"] == NESTED:
                yield from self.nested(logical_id).made(*resource_types)

    def _require(self, logical_id: str) -> None:
        if not self.has(logical_id):
            raise PlanError(f"{self.path}{logical_id} is not made")

    def value(self, expression: Any) -> Any:
        """Return the value of an expression."""
        if isinstance(expression, list):
            return [value for each in expression if not isinstance(value := self.value(each), _NoValue)]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            (function, argument), *_ = expression.items()
            if function in ("Ref", "Condition") or function.startswith("Fn::"):
                return self._function(function, argument)
        evaluated = {key: self.value(each) for key, each in expression.items()}
        return {key: each for key, each in evaluated.items() if not isinstance(each, _NoValue)}

    def _function(self, function: str, argument: Any) -> Any:
        lazy: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": self.condition,
            "Fn::GetAtt": lambda of: self._attribute(*(of if isinstance(of, list) else of.split(".", 1))),
            "Fn::Sub": self._substituted,
            "Fn::If": lambda of: self.value(of[1] if self.condition(of[0]) else of[2]),
            "Fn::GetAZs": lambda _: ZONES,
            "Fn::FindInMap": lambda of: self._mapped(*map(self.value, of)),
        }
        if function in lazy:
            return lazy[function](argument)
        if function not in PURE:
            raise PlanError(f"{self.path}: {function} is not evaluated here, allowed: {', '.join([*lazy, *PURE])}")
        return PURE[function](*[self.value(each) for each in argument])

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NoValue()
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.template.get("Parameters", {}):
            return self.parameter(name)
        named_by = NAMED_BY.get(self.template["Resources"][name]["Type"])
        return self.resource(name)[named_by] if named_by else f"{self.path}{name}"

    def _mapped(self, mapping: str, first: str, second: str) -> Any:
        rows = self.template["Mappings"][mapping]
        if str(first) not in rows:
            raise PlanError(f"{self.path}: {mapping} has no {first}, allowed: {', '.join(rows)}")
        return rows[str(first)][second]

    def _attribute(self, logical_id: str, attribute: str) -> Any:
        if attribute.startswith("Outputs."):
            return self.nested(logical_id).output(attribute.removeprefix("Outputs."))
        self._require(logical_id)
        properties = self.template["Resources"][logical_id].get("Properties", {})
        if attribute in properties:
            return self.value(properties[attribute])
        return f"{self.path}{logical_id}.{attribute}"

    def _substituted(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return str(self.value(own[name]))
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._ref(name))

        return _SUBSTITUTION.sub(replaced, text)


def plan(checkout: Path, values: Mapping[str, object]) -> Stack:
    """Return the root stack with these parameters.

    Args:
        checkout: Where the templates are.
        values: Values of parameters by name; the others have their defaults.

    Raises:
        PlanError: the templates do not have such a parameter; later, that they do not allow something together.
    """
    stack = Stack(checkout, templates.ROOT_TEMPLATE, {name: _text(value) for name, value in values.items()})
    _check_parameters_fit(stack)
    return stack


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _check_parameters_fit(stack: Stack) -> None:
    known = stack.template.get("Parameters", {})
    missing = [name for name, each in known.items() if "Default" not in each and name not in stack.values]

    unknown = sorted(set(stack.values) - set(known))
    if unknown or missing:
        raise PlanError(f"{stack.name}: {unknown} are no parameters, {missing} get no value")


def _cut(block: str, count: int, prefix: int) -> list[str]:
    return [str(subnet) for subnet in islice(ipaddress.ip_network(block).subnets(new_prefix=prefix), count)]
