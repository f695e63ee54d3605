"""What pgbench logs and complains about is read as what it is."""

import pytest

from local.load.figures import MIX
from local.load.pgbench import parse_log, passfile_line, troubles


def test_line_of_the_log_is_a_transaction_with_its_due_moment() -> None:
    (found,) = parse_log(["3 17 2500 1 1795964072 253719 110\n"])

    assert found.kind == list(MIX)[1]
    assert found.ended == pytest.approx(1795964072.253719)
    assert found.ended - found.began == pytest.approx(0.0025, abs=1e-6)
    assert found.error == ""


@pytest.mark.parametrize("word", ["failed", "skipped"])
def test_line_without_a_time_is_an_error(word: str) -> None:
    (found,) = parse_log([f"3 17 {word} 0 1795964072 253719 110\n"])

    assert found.error == f"pgbench: {word}"


def test_clients_that_gave_up_are_told_without_their_numbers() -> None:
    complaints = (
        "pgbench (16.15)\n"
        "pgbench: error: client 12 script 0 aborted in command 1 query 0: ERROR:  query_wait_timeout\n"
        "pgbench: error: client 7 script 0 aborted in command 1 query 0: ERROR:  query_wait_timeout\n"
    )

    first, second = troubles(complaints)

    assert first == second
    assert "query_wait_timeout" in first


@pytest.mark.parametrize(
    ("password", "line"), [("plain", "*:*:*:*:plain"), ("a:b", "*:*:*:*:a\\:b"), ("a\\b", "*:*:*:*:a\\\\b")]
)
def test_password_is_escaped_as_the_password_file_wants_it(password: str, line: str) -> None:
    assert passfile_line(password) == line


def test_quiet_run_has_no_trouble() -> None:
    assert list(troubles("pgbench (16.15)\n")) == []
