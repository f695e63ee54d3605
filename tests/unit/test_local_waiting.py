"""Waits end at once when they may, and at their deadline in words when they may not."""

import pytest

from local.errors import LocalError
from local.waiting import last_value, wait_until


def test_returns_the_first_truthy_value() -> None:
    answers = iter([None, "", "ready"])

    value = wait_until("an answer", lambda: next(answers), deadline_seconds=5, poll_seconds=0)

    assert value == "ready"


def test_names_what_was_waited_for_and_how_long() -> None:
    with pytest.raises(LocalError, match=r"waited for the moon; it did not happen within 0\.01 s"):
        wait_until("the moon", lambda: False, deadline_seconds=0.01, poll_seconds=0)


def test_asks_at_least_once_even_without_time() -> None:
    assert wait_until("what is there already", lambda: True, deadline_seconds=0)


def test_an_error_of_the_condition_ends_the_wait() -> None:
    def broken() -> bool:
        raise LocalError("the server ended")

    with pytest.raises(LocalError, match="the server ended"):
        wait_until("a server", broken, deadline_seconds=60)


def test_a_wait_that_may_end_in_vain_returns_what_it_has() -> None:
    assert last_value(lambda: 0, deadline_seconds=0.01, poll_seconds=0) == 0
