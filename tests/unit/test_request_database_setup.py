"""How the set-up of the database is asked for."""

from datetime import timedelta

import pytest

from rds_operations.domain.errors import ConfigurationError, OperationsError, RefusedError, RetryableError
from rds_operations.usecases.request_database_setup import PAUSES, DatabaseSetup, request_database_setup
from tests.fakes.functions import FakeFunctions
from tests.fakes.pause import FakePause

NOT_YET = RetryableError("set-up failed: the database cannot be reached")
DONE = {"roles": ["langpont_app", "langpont_readonly"], "statements": 12, "database": "langpont"}


def request(functions: FakeFunctions, pause: FakePause, time_left: timedelta = timedelta(minutes=5)) -> DatabaseSetup:
    return request_database_setup("set-up", functions=functions, clock=pause.clock, pause=pause, time_left=time_left)


def test_counts_of_the_set_up_are_returned() -> None:
    functions = FakeFunctions(DONE)

    setup = request(functions, FakePause())

    assert setup == DatabaseSetup({"roles": "2", "statements": "12"}, tries=1)
    assert functions.invoked == [("set-up", {})]


def test_database_that_is_not_ready_yet_is_asked_again() -> None:
    functions, pause = FakeFunctions(NOT_YET, NOT_YET, DONE), FakePause()

    setup = request(functions, pause)

    assert setup.tries == 3
    assert pause.waits == list(PAUSES[:2])


def test_tries_end_with_the_last_failure_in_words() -> None:
    functions, pause = FakeFunctions(NOT_YET), FakePause()

    with pytest.raises(RetryableError, match=r"^set-up failed: the database cannot be reached \(tries: 4\)$"):
        request(functions, pause)

    assert pause.waits == list(PAUSES)


@pytest.mark.parametrize(("seconds", "tries"), [(0, 1), (5, 1), (6, 2), (20, 2), (21, 3), (66, 4)])
def test_nothing_is_tried_that_would_begin_too_late(seconds: int, tries: int) -> None:
    functions = FakeFunctions(NOT_YET)

    with pytest.raises(RetryableError):
        request(functions, FakePause(), timedelta(seconds=seconds))

    assert len(functions.invoked) == tries


@pytest.mark.parametrize("failure", [RefusedError("no"), ConfigurationError("no")])
def test_failure_that_will_not_pass_is_not_tried_again(failure: OperationsError) -> None:
    functions = FakeFunctions(failure)

    with pytest.raises(type(failure)):
        request(functions, FakePause())

    assert len(functions.invoked) == 1
