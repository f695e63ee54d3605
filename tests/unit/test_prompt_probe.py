"""An alert never waits longer than its limit for what the database says, and says what it did not hear."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest

from rds_operations.adapters.database_probe import InvokedProbe, optional_prompt_probe, probe_result
from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from rds_operations.domain.probes import ProbeAnswer, ProbeResult, ReplicaProgress
from tests.fakes.functions import FakeFunctions

ANSWER: dict[str, object] = {
    "reachable": True,
    "writable": True,
    "in_recovery": False,
    "server_version": "16.14",
    "connect_ms": 41,
    "replicas": [{"name": "r1", "state": "streaming", "replay_lag_bytes": 16, "replay_lag_seconds": 0.2}],
    "error": None,
}
FOUND = ProbeResult(
    reachable=True,
    connect_ms=41,
    writable=True,
    in_recovery=False,
    server_version="16.14",
    replicas=(ReplicaProgress("r1", "streaming", 16, 0.2),),
)


class HangingFunctions:
    """Answers when it is released."""

    def __init__(self) -> None:
        self.released = Event()

    def invoke(self, function_name: str, event: Mapping[str, object]) -> Mapping[str, object]:
        self.released.wait(timeout=30)
        return ANSWER


def _silent(_: str) -> None:
    return


@pytest.fixture
def hanging() -> Iterator[HangingFunctions]:
    functions = HangingFunctions()
    yield functions
    functions.released.set()


def asked(functions: FakeFunctions, noted: list[str] | None = None) -> ProbeAnswer:
    said = [] if noted is None else noted
    return InvokedProbe("langpont-probe", functions, note=said.append).ask()()


def test_answer_is_what_the_function_found() -> None:
    functions = FakeFunctions(ANSWER)

    assert asked(functions) == ProbeAnswer(FOUND)
    assert functions.invoked == [("langpont-probe", {})]


@pytest.mark.parametrize(
    "error", [RetryableError("invoking x failed: AWS throttled the call"), RefusedError("invoking x was denied")]
)
def test_failed_invocation_is_said_and_noted(error: OperationsError) -> None:
    noted: list[str] = []

    answer = asked(FakeFunctions(error), noted)

    assert (answer.result, answer.missing, noted) == (None, str(error), [str(error)])


def test_unexpected_error_is_said_and_never_raised() -> None:
    answer = asked(FakeFunctions({"replicas": [1]}))

    assert answer.result is None
    assert answer.missing.startswith("asking the database failed unexpectedly (AttributeError: ")


def test_slow_function_is_given_up_at_the_limit(hanging: HangingFunctions) -> None:
    noted: list[str] = []
    probe = InvokedProbe("langpont-probe", hanging, timedelta(seconds=0.2), note=noted.append)
    began = monotonic()

    answer = probe.ask()()

    assert monotonic() - began < 5
    assert answer.missing == "asking the database took longer than 0.2 s"
    assert noted == [answer.missing]


def test_question_returns_before_the_answer(hanging: HangingFunctions) -> None:
    waiting = InvokedProbe("langpont-probe", hanging, note=_silent).ask()

    hanging.released.set()

    assert waiting() == ProbeAnswer(FOUND)


def test_without_a_function_there_is_no_probe() -> None:
    assert optional_prompt_probe("", _silent) is None


def test_answer_of_another_shape_is_not_taken_for_a_success() -> None:
    result = probe_result({"reachable": "yes", "writable": "yes", "replicas": None})

    assert (result.reachable, result.writable, result.replicas) == (False, None, ())


@pytest.mark.parametrize(
    ("result", "refuses", "words"),
    [
        (FOUND, False, "takes writes again"),
        (
            ProbeResult(reachable=True, connect_ms=41, writable=False, in_recovery=True),
            True,
            "takes NO WRITES (it follows another server)",
        ),
        (
            ProbeResult(reachable=True, connect_ms=41, writable=False, error="it takes no writes: disk full"),
            True,
            "disk full",
        ),
        (ProbeResult(reachable=False, connect_ms=3000, error="nobody answered"), True, "could NOT BE REACHED"),
        (None, False, "Writes were not probed (too slow)"),
    ],
)
def test_answer_says_what_it_means_for_users(result: ProbeResult | None, refuses: bool, words: str) -> None:  # noqa: FBT001
    answer = ProbeAnswer(result, "" if result else "too slow")

    assert answer.refuses_writes is refuses
    assert words in answer.in_words()


@pytest.mark.parametrize(
    ("states", "expected", "follow"),
    [(["streaming"], 1, True), (["streaming"], 2, False), (["catchup"], 1, False), ([], 0, True)],
)
def test_replicas_follow_when_as_many_stream_as_there_should_be(
    states: list[str],
    expected: int,
    follow: bool,  # noqa: FBT001
) -> None:
    replicas = tuple(ReplicaProgress(f"r{number}", state, 0, None) for number, state in enumerate(states))

    assert (
        ProbeAnswer(ProbeResult(reachable=True, connect_ms=1, writable=True, replicas=replicas)).follow(expected)
        is follow
    )


def test_nobody_knows_whether_replicas_follow_without_an_answer() -> None:
    assert ProbeAnswer(missing="too slow").follow(1) is None
    assert (
        ProbeAnswer(
            ProbeResult(reachable=True, connect_ms=1, writable=True, error="it does not say who follows it")
        ).follow(1)
        is None
    )
