"""What CloudFormation would make of the templates and parameters: the functions of templates evaluated, without AWS."""

from typing import Any

from generators.stack_plan import NESTED, ZONES, Stack, plan
from tests.templates import ROOT

__all__ = ["NESTED", "ZONES", "Stack"]


def root(**values: Any) -> Stack:
    """Return the root stack with these parameters; a thing that the templates do not allow together is an error."""
    return plan(ROOT, values)
