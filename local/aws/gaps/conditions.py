"""Conditions that look into parameters: the emulator knows `Ref` and `Fn::Select` in them, and takes the rest as text.

CloudFormation user guide, "Condition functions": operands may use Fn::FindInMap, Fn::Join, Fn::Select, Fn::Split and
Fn::Sub, too, and pseudo parameters.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, stacks


def install() -> None:
    """Evaluate the operands of every Fn::Equals before the emulator compares them."""
    evaluate = engine._evaluate_conditions

    def evaluate_resolved(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, bool]:
        context: tuple[Any, ...] = ({}, values, {}, template.get("Mappings", {}), "", "")
        conditions = {name: _resolved(text, context) for name, text in template.get("Conditions", {}).items()}
        found: dict[str, bool] = evaluate({"Conditions": conditions}, values)
        return found

    for module in (engine, changesets, handlers, stacks):
        module._evaluate_conditions = evaluate_resolved


def _resolved(expression: Any, context: tuple[Any, ...]) -> Any:
    if isinstance(expression, list):
        return [_resolved(part, context) for part in expression]
    if not isinstance(expression, dict):
        return expression
    return {
        name: [_operand(part, context) for part in parts] if name == "Fn::Equals" else _resolved(parts, context)
        for name, parts in expression.items()
    }


def _operand(operand: Any, context: tuple[Any, ...]) -> Any:
    if isinstance(operand, dict) and {"Condition", "Fn::Equals"} & set(operand):
        return operand
    value = engine._resolve_refs(operand, *context)
    return ",".join(value) if isinstance(value, list) else value
