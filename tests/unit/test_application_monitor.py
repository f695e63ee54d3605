"""When the connections of a server that does not answer are broken, and when they are left alone."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Never

import pytest
from botocore.exceptions import MetadataRetrievalError

from langpont_db import Settings
from langpont_db.cluster_view import Sample
from langpont_db.connecting import Connector
from langpont_db.events import Event, Events
from langpont_db.monitor import Monitor, _Watch
from langpont_db.nodes import Node
from langpont_db.probes import ANSWER_LIMIT_SECONDS, Probe, ProbeError, _Limit, is_silence, sample_of
from langpont_db.settings import Login, PoolSize
from langpont_db.urls import parse_url
from rds_postgres.tokens import SigningCredentials

URL = "postgresql://app@db.example.com/langpont"
ROW = (False, 7, "0/3000028", None, "50", "50", 1, False, "a", 4711)
SAME = sample_of(ROW, 0.0)
OTHER = replace(SAME, server="b")
SILENCE = ProbeError("no answer", is_silent=True)
REFUSAL = ProbeError("too many clients", is_silent=False)


class ScriptedProbe:
    """Answers from a list; each silence takes a second."""

    def __init__(self, answers: Sequence[Sample | ProbeError], clock: SimpleNamespace) -> None:
        self.answers = list(answers)
        self.clock = clock
        self.connected_at = 5.0

    async def ask(self) -> Sample:
        answer = self.answers.pop(0)
        if isinstance(answer, Sample):
            return answer
        self.clock.now += 1.0 if answer.is_silent else 0.0
        raise answer


def _broken_after(
    monkeypatch: pytest.MonkeyPatch, answers: Sequence[Sample | ProbeError], *, is_direct: bool = True
) -> list[int]:
    """Return after which of the looks connections were broken."""
    clock = SimpleNamespace(now=100.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr("langpont_db.monitor.time", clock)
    connector = Connector(parse_url("url", URL), Settings(primary_url=URL), statement_timeout_seconds=60)
    connector.is_direct = is_direct
    broken: list[int] = []
    number = 0

    def ignore(*_: Any) -> None:
        return

    node = Node(name="primary", connector=connector, pool=PoolSize(1, 0))
    watch = _Watch(node, ignore, ignore, lambda *_: broken.append(number))
    watch._probe = ScriptedProbe(answers, clock)  # type: ignore[assignment]
    for number in range(len(answers)):  # noqa: B007 (read by the lambda)
        asyncio.run(watch.look())
    return broken


def test_server_that_is_only_slow_keeps_its_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken_after(monkeypatch, [SAME, SILENCE, SAME, SILENCE, SILENCE, SAME]) == []


def test_lasting_silence_breaks_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken_after(monkeypatch, [SAME, SILENCE, SILENCE, SILENCE]) == [3]


def test_server_that_refuses_is_alive_and_keeps_its_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken_after(monkeypatch, [SAME, SILENCE, REFUSAL, REFUSAL, REFUSAL, SAME]) == []


def test_other_server_after_a_silence_frees_who_waits_for_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken_after(monkeypatch, [SAME, SILENCE, REFUSAL, OTHER]) == [3]


def test_other_server_without_a_silence_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken_after(monkeypatch, [SAME, REFUSAL, OTHER]) == []


def test_line_before_a_pooler_is_no_silence_of_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Sample | ProbeError] = [SAME, *[SILENCE] * 31]

    assert _broken_after(monkeypatch, answers, is_direct=False) == [30, 31]


def test_place_to_insert_at_becomes_the_end_of_the_record_before() -> None:
    assert SAME.lsn == 0x3000000


@pytest.mark.parametrize(("elapsed_seconds", "is_silent"), [(0.2, False), (1.0, True), (2.1, True), (6.0, False)])
def test_process_that_had_no_time_itself_takes_nobody_for_silent(elapsed_seconds: float, *, is_silent: bool) -> None:
    assert is_silence(elapsed_seconds) is is_silent


@pytest.mark.parametrize(("held_up_seconds", "is_broken"), [(0.0, True), (1.6, False)])
def test_answer_that_nobody_had_time_to_read_is_read(
    monkeypatch: pytest.MonkeyPatch, held_up_seconds: float, *, is_broken: bool
) -> None:
    ours, theirs = socket.socketpair()

    async def wait_past_the_limit() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        # The loop's own clock jumps: no test waits for a second.
        jump = 0.0
        monkeypatch.setattr(loop, "time", lambda: began + jump)
        limit = _Limit(ours)
        jump = ANSWER_LIMIT_SECONDS + held_up_seconds + 0.01
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        limit.cancel()

    with ours, theirs:
        asyncio.run(wait_past_the_limit())
        theirs.settimeout(0)
        if is_broken:
            assert theirs.recv(1) == b""
        else:
            with pytest.raises(BlockingIOError):
                theirs.recv(1)


def _signing_with(error: Exception) -> Connector:
    def fail() -> SigningCredentials:
        raise error

    return _signing_by(fail)


def _signing_by(credentials: Callable[[], SigningCredentials]) -> Connector:
    settings = Settings(primary_url=URL, login=Login.IAM, region="ap-northeast-1", credentials=credentials)
    return Connector(parse_url("url", URL), settings, statement_timeout_seconds=60)


def test_credentials_that_cannot_be_fetched_are_no_answer_and_no_silence_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("langpont_db.probes.is_silence", lambda _: True)
    probe = Probe(_signing_with(MetadataRetrievalError(error_msg="no answer")))

    with pytest.raises(ProbeError, match="AWS credentials cannot be fetched") as raised:
        asyncio.run(probe.ask())

    assert not raised.value.is_silent


def test_nudge_that_finds_no_descriptor_free_ends_the_connection_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> Never:
        raise OSError(24, "Too many open files")

    closed: list[bool] = []

    async def close() -> None:
        closed.append(True)

    monkeypatch.setattr("langpont_db.probes.os.dup", fail)
    probe = Probe(_signing_with(RuntimeError()))
    probe._connection = SimpleNamespace(fileno=lambda: 0, close=close)  # type: ignore[assignment]

    asyncio.run(probe.nudge())

    assert closed == [True]


def test_failure_that_nobody_expects_is_told_and_looking_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langpont_db.monitor._AGAIN_SECONDS", 0)
    died_of: list[BaseException | None] = []
    monkeypatch.setattr("threading.excepthook", lambda told: died_of.append(told.exc_value))
    failures = iter([LookupError("nobody expects that"), LookupError("nor that")])

    def fetch() -> SigningCredentials:
        for failure in failures:
            raise failure
        monitor._stopping.set()
        raise MetadataRetrievalError(error_msg="no answer")

    node = Node(name="primary", connector=_signing_by(fetch), pool=PoolSize(1, 0))
    events = Events()
    monitor = Monitor({"primary": node}, events, bound_seconds=5)

    monitor._run()

    assert events.counts == {Event.MONITOR_ENDED: 2}
    assert [type(error) for error in died_of] == [ExceptionGroup, ExceptionGroup]
