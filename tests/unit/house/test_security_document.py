"""What docs/security.md says is in the transformed templates, and what proves it is among the tests."""

import ast
import re
from functools import cache
from typing import Any

import pytest

from generators.checkov_skips import EVERYWHERE, skips
from generators.controls import ANYTHING, Control, Property, load_controls
from generators.permission_tables import role_of, shared_rows
from tests.permission_rows import rows
from tests.templates import ROOT, TEMPLATES, functions, source, transformed
from tests.whole_tables import for_each

DOCUMENT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
CONTROLS = load_controls(ROOT)
SECURITY_HUB_RDS = range(1, 52)
MOST_SKIPPED_RULES = 12
# The embedded environment's own; on AWS functions have an address of nothing and a login without a password.
NAMES_OF_SECRETS = re.compile(r"password|token|credential|private", re.IGNORECASE)


@cache
def _tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def _meant(of: str) -> dict[str, Any]:
    """Return the properties of the resources that a control is about, by where they are."""
    every = {
        f"{name}.{logical_id}": resource
        for name in TEMPLATES
        for logical_id, resource in transformed(name)["Resources"].items()
    }
    return {
        where: resource.get("Properties", {}) for where, resource in every.items() if of in (where, resource["Type"])
    }


def _at(properties: Any, way: tuple[str, ...]) -> Any:
    for step in way:
        if step not in properties:
            return None
        properties = properties[step]
    return properties


def _failing(wanted: Property) -> list[str]:
    if wanted.parameter:
        default = source("root")["Parameters"][wanted.parameter]["Default"]
        return [] if default == wanted.value else [wanted.parameter]
    meant = {where: _at(properties, wanted.at) for where, properties in _meant(wanted.of).items()}
    if not meant:
        return [f"no {wanted.of}"]
    return [where for where, found in meant.items() if found is None or wanted.value not in (ANYTHING, found)]


@for_each("control", CONTROLS, ids=lambda control: control.name)
def test_property_of_a_control_is_in_the_transformed_templates(control: Control) -> None:
    assert [where for wanted in control.holds for where in _failing(wanted)] == []


@for_each("control", CONTROLS, ids=lambda control: control.name)
def test_proof_of_a_control_exists(control: Control) -> None:
    path, _, test = control.proof.partition("::")

    assert test in _tests(path)


@pytest.mark.parametrize(
    ("of", "at", "value"),
    [
        ("AWS::RDS::DBInstance", ("PubliclyAccessible",), True),
        ("AWS::RDS::DBInstance", ("Publicly",), ANYTHING),
        ("AWS::RDS::Instance", ("PubliclyAccessible",), ANYTHING),
        ("parameter.MultiAZ", ("Default",), "false"),
    ],
)
def test_wrong_value_missing_property_and_missing_resource_are_noticed(
    of: str, at: tuple[str, ...], value: object
) -> None:
    assert _failing(Property(of, at, value)) != []


def test_no_alarm_is_muted() -> None:
    alarms = {**_meant("AWS::CloudWatch::Alarm"), **_meant("AWS::CloudWatch::CompositeAlarm")}

    assert len(alarms) > 80
    assert [where for where, alarm in alarms.items() if alarm.get("ActionsEnabled", True) is not True] == []


def test_every_control_of_rds_is_met_excepted_or_without_an_object() -> None:
    ranges = re.findall(r"RDS\.(\d+)(?: to RDS\.(\d+))?", DOCUMENT)
    said = {number for first, last in ranges for number in range(int(first), int(last or first) + 1)}

    assert set(SECURITY_HUB_RDS) - said == set()


def test_at_most_12_rules_are_skipped_each_with_a_reason() -> None:
    found = list(skips(ROOT))

    assert len({rule for rule, _, _ in found}) <= MOST_SKIPPED_RULES
    assert all(len(reason.split()) >= 8 for _, _, reason in found)
    assert {rule for rule, where, _ in found if where == EVERYWHERE}.isdisjoint(
        rule for rule, where, _ in found if where != EVERYWHERE
    )


def test_no_other_place_skips_a_rule() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (*TEMPLATES.values(), ROOT / "Makefile")]

    assert [text for text in texts if "checkov:skip" in text or "--skip-check" in text] == []


def test_environment_of_functions_holds_no_secret() -> None:
    for stack, function, properties in functions():
        for name, value in properties["Environment"]["Variables"].items():
            assert not NAMES_OF_SECRETS.search(name), f"{stack}.{function}: {name}"
            assert "resolve:secretsmanager" not in str(value), f"{stack}.{function}: {name}"


def test_every_permission_of_a_role_is_in_the_document() -> None:
    of_roles = [row for stack in TEMPLATES for row in rows(stack) if role_of(row)]
    sections = dict(re.findall(r"\*\*(\w+Role)\*\*\n\n(.*?)(?=\n\n\*\*|\n\n<!--)", DOCUMENT, re.DOTALL))
    shared = {row.actions for row in shared_rows(of_roles)}

    assert len(of_roles) > 100
    for row in of_roles:
        lines = [
            line
            for line in sections.get(role_of(row), "").splitlines()
            if all(f"`{text}`" in line for text in (*row.actions, *row.resources, *row.conditions))
            and row.reason in line
        ]
        assert lines or row.actions in shared, row


def test_every_function_has_what_is_said_of_every_function() -> None:
    of_roles = [row for stack in TEMPLATES for row in rows(stack) if role_of(row)]
    actions = {action for row in shared_rows(of_roles) for action in row.actions}

    assert actions == {"sts:AssumeRole", "AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "sqs:SendMessage"}
