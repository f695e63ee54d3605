"""Conditions of the local CloudFormation: every function that AWS lets them use."""

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services.cloudformation import engine

from local.aws.gaps import conditions
from tests.emulator import restored

VALUES = {
    "Class": {"Value": "db.t3.medium", "Type": "String"},
    "Subnets": {"Value": "subnet-1,subnet-2", "Type": "CommaDelimitedList"},
    "Nothing": {"Value": "", "Type": "CommaDelimitedList"},
}
MAPPINGS = {"Families": {"t3": {"Burstable": "yes"}}}
FAMILY: Any = {"Fn::Select": [1, {"Fn::Split": [".", {"Ref": "Class"}]}]}


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    with restored():
        conditions.install()
        yield


@pytest.mark.parametrize(
    ("left", "right", "holds"),
    [
        (FAMILY, "t3", True),
        (FAMILY, "m6g", False),
        ({"Fn::Join": ["", {"Ref": "Nothing"}]}, "", True),
        ({"Fn::Join": ["", {"Ref": "Subnets"}]}, "", False),
        ({"Fn::Select": [1, {"Ref": "Subnets"}]}, "subnet-2", True),
        ({"Ref": "Subnets"}, "subnet-1,subnet-2", True),
        ({"Fn::Sub": "${Class}-x"}, "db.t3.medium-x", True),
        ({"Fn::FindInMap": ["Families", FAMILY, "Burstable"]}, "yes", True),
        ({"Ref": "AWS::Partition"}, "aws", True),
    ],
)
def test_operand_is_what_its_functions_make_of_it(left: Any, right: str, holds: bool) -> None:  # noqa: FBT001
    template = {"Mappings": MAPPINGS, "Conditions": {"Holds": {"Fn::Equals": [left, right]}}}

    assert engine._evaluate_conditions(template, VALUES) == {"Holds": holds}


def test_conditions_build_on_each_other() -> None:
    burstable = {"Fn::Or": [{"Fn::Equals": [FAMILY, "t3"]}, {"Fn::Equals": [FAMILY, "t4g"]}]}
    template = {"Conditions": {"Both": {"Fn::And": [{"Condition": "Is"}, {"Condition": "Is"}]}, "Is": burstable}}

    assert engine._evaluate_conditions(template, VALUES) == {"Is": True, "Both": True}
