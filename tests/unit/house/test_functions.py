"""One stem, every room: no function without resource, use case, settings, event and test."""

import dataclasses
import importlib
from pathlib import Path
from typing import Any

import pytest

from rds_operations.runtime.settings.base import BaseSettings
from tests.templates import functions, source

ROOT = Path(__file__).parents[3]
STEMS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
RESOURCES = {logical_id: properties for _, logical_id, properties in functions()}


def _logical_id(stem: str) -> str:
    return "".join(word.capitalize() for word in stem.split("_")) + "Function"


def _settings(stem: str) -> type[BaseSettings]:
    module = importlib.import_module(f"rds_operations.runtime.settings.{stem}")
    name = "".join(word.capitalize() for word in stem.split("_")) + "Settings"
    found: type[BaseSettings] = getattr(module, name)
    return found


def test_every_function_folder_has_a_resource_and_every_resource_a_folder() -> None:
    assert {_logical_id(stem) for stem in STEMS} == set(RESOURCES)


@pytest.mark.parametrize("stem", STEMS)
def test_function_has_its_rooms(stem: str) -> None:
    rooms = [
        ROOT / "layers/operations/rds_operations/usecases" / f"{stem}.py",
        ROOT / "layers/operations/rds_operations/runtime/settings" / f"{stem}.py",
        ROOT / "tests/unit" / f"test_{stem}.py",
    ]

    assert [room.name for room in rooms if not room.exists()] == []
    assert list((ROOT / "events" / stem).glob("*.json"))


@pytest.mark.parametrize("stem", STEMS)
def test_environment_in_the_template_is_the_settings_fields(stem: str) -> None:
    template = {name for name in RESOURCES[_logical_id(stem)]["Environment"]["Variables"] if "POWERTOOLS" not in name}
    settings = {field.name.upper() for field in dataclasses.fields(_settings(stem))}

    assert template == settings


@pytest.mark.parametrize("stem", STEMS)
def test_service_name_is_the_stem(stem: str) -> None:
    assert RESOURCES[_logical_id(stem)]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == stem


@pytest.mark.parametrize("stem", STEMS)
def test_function_is_one_module(stem: str) -> None:
    assert [path.name for path in (ROOT / "functions" / stem).glob("*.py")] == ["app.py"]


def test_stacks_with_functions_share_their_globals() -> None:
    shared: list[dict[str, Any]] = [source(stack)["Globals"] for stack in {stack for stack, _, _ in functions()}]

    assert all(each == shared[0] for each in shared)


@pytest.mark.parametrize("stack", ["monitoring", "automation"])
def test_every_alarm_has_a_runbook_of_its_name(stack: str) -> None:
    alarms = [each["Properties"] for each in source(stack)["Resources"].values() if "AlarmName" in each["Properties"]]

    assert alarms
    for alarm in alarms:
        name = alarm["AlarmName"]["Fn::Sub"].removeprefix("${ProjectName}-${Environment}-")
        runbook = alarm["AlarmDescription"]["Fn::Sub"].partition("Runbook: ${RunbookPlace}/")[2].removesuffix(".md")

        assert (ROOT / "docs/runbooks" / f"{runbook}.md").exists(), name
        # What comes behind is an instance, a function or a topic; a part of a composite has the composite's.
        assert f"{name}-".startswith(f"{runbook}-") or "AlarmActions" not in alarm, name
