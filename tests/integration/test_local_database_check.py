"""`make check-database` and `make set-up-database`: what they say, and their status."""

import io
import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner

from local import __main__ as command
from local import database_check
from local.errors import LocalError
from local.redrive.places import Place

DIFFERENCE = {"name": "work_mem", "expected": "16384 kB", "actual": "4096 kB", "meaning": "Sorts go to disk."}
RIGHT = {"checked": 46, "differences": [], "not_shown": []}
WRONG = {"checked": 44, "differences": [DIFFERENCE], "not_shown": ["rds.force_ssl"]}
SET_UP = {
    "steps": [
        {"step": "extensions", "outcome": "unchanged", "detail": "as it should be"},
        {"step": "role langpont_app", "outcome": "done", "detail": "made"},
    ],
    "changed": 1,
    "unchanged": 1,
    "waiting_for": ["analytics.analytics_events"],
}


class StubbedSession:
    """A session whose stack has the functions, and whose Lambda gives one answer."""

    def __init__(self, answer: object, *, error: str = "", functions: tuple[str, ...] = ()) -> None:
        self._answer, self._error, self._functions = answer, error, functions

    def client(self, service: str, **_: Any) -> Any:
        session: Any = boto3.Session("x", "x", region_name="ap-northeast-1")
        client = session.client(service)
        stubber = Stubber(client)
        if service == "cloudformation":
            listed = [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": f"physical-{name}",
                    "ResourceType": "AWS::Lambda::Function",
                    "LastUpdatedTimestamp": "2026-11-23T18:00:00Z",
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                for name in self._functions
            ]
            stubber.add_response("list_stack_resources", {"StackResourceSummaries": listed}, {"StackName": "kit"})
        else:
            response: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(self._answer).encode())}
            if self._error:
                response["FunctionError"] = self._error
            wanted = {"FunctionName": f"physical-{self._functions[0]}" if self._functions else "", "Payload": b"{}"}
            stubber.add_response("invoke", response, wanted)
        stubber.activate()
        return client


def place(answer: object, *, error: str = "", functions: tuple[str, ...] = (database_check.CHECK,)) -> Place:
    return Place("kit", StubbedSession(answer, error=error, functions=functions))  # type: ignore[arg-type]


def unheard(line: str) -> None:
    raise AssertionError(line)


@pytest.mark.parametrize(
    ("answer", "is_right", "lines"),
    [
        (RIGHT, True, ["Checked: 46, as they should be: 46, differing: 0."]),
        (
            WRONG,
            False,
            [
                "work_mem: 4096 kB, should be 16384 kB. Sorts go to disk.",
                "Not shown by this server, which is not RDS's: rds.force_ssl",
                "Checked: 44, as they should be: 43, differing: 1.",
            ],
        ),
    ],
)
def test_check_says_each_difference_and_how_many(answer: dict[str, Any], is_right: bool, lines: list[str]) -> None:  # noqa: FBT001
    said: list[str] = []

    assert database_check.check_database(place(answer), said.append) is is_right
    assert said == lines


def test_set_up_says_what_changed_and_what_it_waits_for() -> None:
    said: list[str] = []

    database_check.set_up_database(place(SET_UP, functions=(database_check.SET_UP,)), said.append)

    assert said == [
        "role langpont_app: made",
        "analytics.analytics_events is not there yet: run this again once the application has made it",
        "Steps changed: 1, as they should be before: 1.",
    ]


def test_failure_of_the_function_is_told_in_its_words() -> None:
    failing = place({"errorType": "RefusedError", "errorMessage": "the login is refused"}, error="Unhandled")

    with pytest.raises(LocalError, match=r"^CheckDatabaseFunction failed: the login is refused$"):
        database_check.check_database(failing, unheard)


def test_stack_without_the_function_says_what_to_do_by_hand() -> None:
    with pytest.raises(LocalError, match=r"stack kit has no SetUpDatabaseFunction; docs/database-roles\.md says"):
        database_check.set_up_database(place(SET_UP), unheard)


@pytest.mark.parametrize(("answer", "status"), [(RIGHT, 0), (WRONG, 1)])
def test_status_is_1_when_something_differs(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], status: int
) -> None:
    monkeypatch.setattr(command, "_place", lambda env: place(answer))

    result = CliRunner().invoke(command.cli, ["check-database", "--env", "dev"])

    assert (result.exit_code, result.output.splitlines()[-1][:9]) == (status, "Checked: ")


@pytest.mark.parametrize("command_name", ["check-database", "set-up-database", "redrive"])
@pytest.mark.parametrize("arguments", [[], ["--env", "local"]])
def test_local_is_the_embedded_environment(
    monkeypatch: pytest.MonkeyPatch, command_name: str, arguments: list[str]
) -> None:
    class Lifecycle:
        def __init__(self, *_: object) -> None: ...

        def environment(self) -> None:
            raise LocalError("the embedded environment was asked")

    monkeypatch.setattr(command, "Lifecycle", Lifecycle)

    result = CliRunner().invoke(command.cli, [command_name, *arguments])

    assert result.output == "error: the embedded environment was asked\n"


def test_set_up_of_an_unknown_environment_is_one_line() -> None:
    result = CliRunner().invoke(command.cli, ["set-up-database", "--env", "nowhere"])

    assert result.exit_code == 1
    assert "there is no environment 'nowhere' in samconfig.toml" in result.output
