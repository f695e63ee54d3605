"""Whether a value stays what it is, proven from the templates before and after a deployment.

CloudFormation cannot tell: when it makes change sets for nested stacks, it does not know the outputs of the others yet
and takes every value that comes from one for changed. A key whose stack gets a new tag then looks like the replacement
of the instance that it encrypts (aws-cloudformation/cloudformation-coverage-roadmap, issues 759 and 2113). A value that
is written the same before and after, and leads to nothing that moves, does not change whatever CloudFormation supposes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from deployment.changes import NESTED_STACK, StackPath


class Fate(StrEnum):
    """What becomes of a resource."""

    STAYS = "is left alone"
    CHANGES = "is updated in place"
    MOVES = "is new, gone or made anew"


type Template = Mapping[str, Any]
type Fates = Callable[[StackPath, str], Fate]

HIDDEN = "****"
_IDENTITIES = {"Arn", "KeyId", "GroupId", "VpcId", "DBInstanceArn", "DbiResourceId", "Id"}
_SUBSTITUTION = re.compile(r"\$\{([^!}][^}]*)\}")
_OUTPUTS = "Outputs."


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One stack before and after: its templates and the values of its parameters.

    Args:
        before: The template that is deployed.
        after: The template that would be.
        values_before: Values of the root's parameters now; a nested stack's come from its parent.
        values_after: Values of the root's parameters afterwards.
        nested: The stacks nested in it, by logical id.
    """

    before: Template
    after: Template
    values_before: Mapping[str, str] = field(default_factory=dict)
    values_after: Mapping[str, str] = field(default_factory=dict)
    nested: Mapping[str, "Blueprint"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Answers whether values stay.

    Args:
        root: The root stack.
        fate: What becomes of each resource.
    """

    root: Blueprint
    fate: Fates

    def property_stands(self, stack: StackPath, logical_id: str, name: str) -> bool:
        """Tell whether a property keeps its value: written the same, and leading to nothing that moves."""
        return self._place_stands(stack, ("Resources", logical_id, "Properties", name))

    def _place_stands(self, stack: StackPath, place: tuple[str, ...]) -> bool:
        blueprint = self._blueprint(stack)
        if blueprint is None:
            return False
        before, after = _at(blueprint.before, place), _at(blueprint.after, place)
        return before is not None and before == after and self._leads_nowhere_new(stack, after)

    def _leads_nowhere_new(self, stack: StackPath, expression: Any) -> bool:
        return all(self._reference_stands(stack, *reference) for reference in references(expression))

    def _reference_stands(self, stack: StackPath, function: str, target: str) -> bool:
        if function == "Condition":
            return self._place_stands(stack, ("Conditions", target))
        if function == "Fn::FindInMap":
            return self._place_stands(stack, ("Mappings", target))
        if function == "Fn::GetAtt":
            return self._attribute_stands(stack, *target.split(".", 1))
        return function == "Ref" and (target.startswith("AWS::") or self._named_stands(stack, target))

    def _named_stands(self, stack: StackPath, name: str) -> bool:
        blueprint = self._blueprint(stack)
        if blueprint is not None and name in blueprint.after.get("Parameters", {}):
            return self._parameter_stands(stack, blueprint, name)
        return self.fate(stack, name) is not Fate.MOVES

    def _attribute_stands(self, stack: StackPath, logical_id: str, attribute: str = "") -> bool:
        if attribute.startswith(_OUTPUTS):
            output = attribute.removeprefix(_OUTPUTS)
            return self.fate(stack, logical_id) is not Fate.MOVES and self._output_stands((*stack, logical_id), output)
        fate = self.fate(stack, logical_id)
        return fate is Fate.STAYS or (fate is Fate.CHANGES and attribute in _IDENTITIES)

    def _output_stands(self, stack: StackPath, output: str) -> bool:
        if self.fate(stack[:-1], stack[-1]) is Fate.STAYS:
            return True
        return self._place_stands(stack, ("Outputs", output, "Value"))

    def _parameter_stands(self, stack: StackPath, blueprint: Blueprint, name: str) -> bool:
        if not stack:
            before, after = blueprint.values_before.get(name), blueprint.values_after.get(name)
            return before is not None and before == after and before != HIDDEN
        parent, logical_id = stack[:-1], stack[-1]
        given = ("Resources", logical_id, "Properties", "Parameters", name)
        above = self._blueprint(parent)
        if above is not None and _at(above.before, given) is None and _at(above.after, given) is None:
            return self._place_stands(stack, ("Parameters", name, "Default"))
        return self._place_stands(parent, given)

    def _blueprint(self, stack: StackPath) -> Blueprint | None:
        found: Blueprint | None = self.root
        for logical_id in stack:
            found = found.nested.get(logical_id) if found is not None else None
        return found


def references(expression: Any) -> Iterator[tuple[str, str]]:
    """Yield what an expression leads to: function and target; the function alone where it cannot be followed."""
    if isinstance(expression, Mapping):
        for function, argument in expression.items():
            yield from _references_of(function, argument)
    elif isinstance(expression, list | tuple):
        for part in expression:
            yield from references(part)


def nested_stacks(template: Template) -> Iterator[str]:
    """Yield the logical ids of the stacks nested in a template."""
    for logical_id, resource in template.get("Resources", {}).items():
        if resource.get("Type") == NESTED_STACK:
            yield logical_id


def _references_of(function: str, argument: Any) -> Iterator[tuple[str, str]]:
    match function, argument:
        case (("Ref" | "Condition"), str()):
            yield function, argument
        case "Fn::GetAtt", _:
            yield function, argument if isinstance(argument, str) else ".".join(map(str, argument))
        case "Fn::Sub", _:
            yield from _substitutions(argument)
        case "Fn::If", [condition, *branches]:
            yield "Condition", condition
            yield from references(branches)
        case "Fn::FindInMap", [mapping, *keys]:
            yield function, str(mapping)
            yield from references(keys)
        case (("Fn::ImportValue" | "Fn::Transform"), _):
            yield function, ""
        case _:
            yield from references(argument)


def _substitutions(argument: Any) -> Iterator[tuple[str, str]]:
    text, values = (argument, {}) if isinstance(argument, str) else argument
    yield from references(list(values.values()))
    for name in _SUBSTITUTION.findall(text):
        if name not in values:
            yield ("Fn::GetAtt" if "." in name else "Ref"), name


def _at(template: Template, place: tuple[str, ...]) -> Any:
    """Return what stands at a place, None where nothing does."""
    found: Any = template
    for name in place:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found
