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
        (["pgbouncer", "--env", "qa"], "error: there is no environment 'qa'"),
    ],
)
def test_bad_input_is_one_line_and_status_one(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(cli, arguments)

    assert result.exit_code == 1
    assert result.output.startswith(complaint)
    assert len(result.output.splitlines()) == 1


def test_trouble_ends_with_its_line_and_status_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end, _reported():
        raise LocalError("port 1 is taken")

    assert end.value.exit_code == 1
    assert capsys.readouterr().err == "error: port 1 is taken\n"


def test_interruption_is_undone_even_when_it_is_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    undone: list[str] = []

    def undo() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        undone.append("stopped")

    with pytest.raises(typer.Exit) as end, _reported(undo):
        os.kill(os.getpid(), signal.SIGHUP)

    assert (end.value.exit_code, undone) == (130, ["stopped"])
    assert "interrupted" in capsys.readouterr().err


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
