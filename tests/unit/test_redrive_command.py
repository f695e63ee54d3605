"""`python -m local redrive`: a line for each letter, and a status that says whether any had to stay."""

import pytest
from typer.testing import CliRunner

from local import __main__ as command
from local.redrive.letters import Letter
from tests.fakes.letter_queue import FakeLetterQueue

UNREADABLE = Letter("a", "receipt", "hello", {})
REPEATABLE = Letter("b", "receipt", '{"requestContext": {"condition": "x"}, "requestPayload": {}}', {})


@pytest.mark.parametrize(
    ("letters", "status", "end"),
    [
        ([], 0, "No dead letters."),
        ([REPEATABLE], 0, "Dead letters: 1 handed to their functions again, 0 left in their queues."),
        ([REPEATABLE, UNREADABLE], 1, "Dead letters: 1 handed to their functions again, 1 left in their queues."),
    ],
)
def test_status_is_1_when_a_letter_was_left(
    monkeypatch: pytest.MonkeyPatch, letters: list[Letter], status: int, end: str
) -> None:
    queues = {"langpont-rds-dev": [FakeLetterQueue(*letters)]}
    monkeypatch.setattr(command, "find_queues", lambda place: queues[place.stack_name])

    result = CliRunner().invoke(command.cli, ["redrive", "--env", "dev"])

    lines = result.output.splitlines()
    assert (result.exit_code, lines[-1], len(lines)) == (status, end, len(letters) + 1)
