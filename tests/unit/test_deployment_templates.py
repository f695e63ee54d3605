"""What one nested stack hands to another can be checked before it is known: CloudFormation puts a placeholder there.

aws-cloudformation/rain issue 526 (AllowedPattern), cloudformation-coverage-roadmap issue 759 (Fn::Select).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deployment.blueprints import references
from deployment.changes import NESTED_STACK
from tests.templates import source
from tests.whole_tables import for_each

CONSTRAINTS = {"AllowedPattern", "AllowedValues", "MinLength", "MaxLength", "MinValue", "MaxValue"}
FREE_TYPES = {"String", "CommaDelimitedList"}

type Place = tuple[str, str]
"""A template and a parameter of it."""


def _child(resource: dict[str, Any]) -> str:
    return Path(resource["Properties"]["TemplateURL"]).stem


def _handed_on(name: str, unknown: frozenset[str]) -> Iterator[Place]:
    """Yield the parameters that are only known once another resource is made.

    Args:
        name: The template.
        unknown: Its own parameters of that kind.
    """
    template = source(name)
    unknown |= set(template["Resources"])
    for resource in template["Resources"].values():
        if resource["Type"] == NESTED_STACK:
            given = resource["Properties"].get("Parameters", {})
            inner = frozenset(p for p, value in given.items() if _leads_to(value, unknown))
            yield from ((_child(resource), parameter) for parameter in inner)
            yield from _handed_on(_child(resource), inner)


def _leads_to(expression: Any, names: frozenset[str]) -> bool:
    return any(target.split(".")[0] in names for function, target in references(expression) if function != "Condition")


def _later_choices(expression: Any, parameter: str) -> Iterator[Any]:
    """Yield what is chosen from a list that the parameter holds, beyond its first."""
    if isinstance(expression, dict):
        index, values = expression.get("Fn::Select", (0, None))
        if index not in {0, "0"} and _leads_to(values, frozenset({parameter})):
            yield expression
    for inner in _inside(expression):
        yield from _later_choices(inner, parameter)


def _inside(expression: Any) -> list[Any]:
    if isinstance(expression, dict):
        return list(expression.values())
    return expression if isinstance(expression, list) else []


PLACES = sorted(set(_handed_on("root", frozenset())))


def test_what_the_database_gets_from_others_is_looked_at() -> None:
    assert ("database", "DatabaseSecurityGroupId") in PLACES


@for_each(("name", "parameter"), PLACES)
def test_parameter_takes_a_placeholder(name: str, parameter: str) -> None:
    declared = source(name)["Parameters"][parameter]

    assert declared["Type"] in FREE_TYPES
    assert not CONSTRAINTS & set(declared)
    assert f"'{parameter}'" not in str(source(name).get("Rules", {}))


@for_each(("name", "parameter"), PLACES)
def test_no_more_than_the_first_is_chosen_from_a_placeholder(name: str, parameter: str) -> None:
    assert list(_later_choices(source(name)["Resources"], parameter)) == []
