"""The commands as a person types them: trouble is one line, and an interruption is undone undisturbed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from local.__main__ import _reported, cli
from local.environment import Environment
from local.errors import LocalError
from local.interruptions import undisturbed
from local.lifecycle import Lifecycle
from local.trouble import in_a_line


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    handlers = {request: signal.getsignal(request) for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for request, handler in handlers.items():
        signal.signal(request, handler)


def test_an_unknown_command_is_one_clear_complaint() -> None:
    result = CliRunner().invoke(cli, ["nonsense"])

    assert result.exit_code == 2
    assert "No such command" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["load", "--seconds", "1"], "error: SECONDS is from 3 to 600, not 1"),
        (["load", "--seconds", "abc"], "error: SECONDS is from 3 to 600, not abc"),
        (["load", "--seconds", "nan"], "error: SECONDS is from 3 to 600, not nan"),
        (["pgbouncer", "--env", "qa"], "error: there is no environment 'qa'"),
    ],
)
def test_bad_input_is_one_line_and_status_one(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(cli, arguments)

    assert result.exit_code == 1
    assert result.output.startswith(complaint)
    assert len(result.output.splitlines()) == 1


def test_trouble_ends_with_its_line_and_status_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end, _reported("nothing was begun"):
        raise LocalError("port 1 is taken")

    assert end.value.exit_code == 1
    assert capsys.readouterr().err == "error: port 1 is taken\n"


def test_interruption_is_undone_even_when_it_is_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    undone: list[str] = []

    def undo() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        undone.append("stopped")

    with pytest.raises(typer.Exit) as end, _reported("it runs no more", undo):
        os.kill(os.getpid(), signal.SIGHUP)

    assert (end.value.exit_code, undone) == (130, ["stopped"])
    assert capsys.readouterr().err == "interrupted: it runs no more\n"


@pytest.mark.parametrize(
    ("arguments", "begins", "left"),
    [
        (["up"], "one_at_a_time", "everything has been stopped, and its data are gone"),
        (["down"], "one_at_a_time", "what is not stopped yet runs on; `make down` again stops it"),
        (["demo"], "one_at_a_time", "what was started has been stopped"),
        (["drill"], "one_at_a_time", "what was started has been stopped"),
        (["drill", "--env", "staging"], "_place", "if RDS was asked for a failover, that goes on"),
        (["redrive"], "_place", "functions go on with the letters that they were handed; the others are back in their"),
        (["check-database"], "_place", "if the function was invoked, it goes on; it changes nothing"),
        (["set-up-database"], "_place", "if the function was invoked, it goes on; run the command again"),
        (["pgbouncer"], "_place", "nothing was started; what is in build/pgbouncer may not be whole"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_interrupted_command_says_what_is_left_of_it(
    arguments: list[str], begins: str, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(f"local.__main__.{begins}", interrupted)
    monkeypatch.setattr(Lifecycle, "down", lambda _: None)

    result = CliRunner().invoke(cli, arguments)

    assert result.exit_code == 130
    assert result.output.startswith(f"interrupted: {left}")
    assert len(result.output.splitlines()) == 1


def test_requests_to_end_count_again_after_the_undoing() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with undisturbed():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN

    assert signal.getsignal(signal.SIGTERM) is before


def test_foreign_errors_are_told_in_one_line_with_their_kind() -> None:
    refused = PermissionError(13, "Permission denied", "x")

    assert in_a_line(refused) == "PermissionError: [Errno 13] Permission denied: 'x'"
    assert in_a_line(LocalError("ours")) == "ours"


def test_environment_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "environment.json"
    path.write_text('{"postgres": {}}', encoding="utf-8")

    with pytest.raises(LocalError, match="make down"):
        Environment.read(path)
