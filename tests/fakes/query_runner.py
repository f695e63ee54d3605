"""A database that gives prepared answers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from tests.fakes.clock import FakeClock

type Answer = Sequence[Mapping[str, object]] | Exception


class FakeQueryRunner:
    """Answers each query with its prepared rows or error, and remembers what it was asked.

    Args:
        answers: Rows or error, by statement.
        clock: A clock that each query moves on.
        each_takes: By how much.
    """

    def __init__(
        self, answers: Mapping[str, Answer], clock: FakeClock | None = None, each_takes: timedelta = timedelta(0)
    ) -> None:
        self._answers = dict(answers)
        self._clock = clock
        self._each_takes = each_takes
        self.asked: list[tuple[str, timedelta]] = []

    def rows(self, sql: str, timeout: timedelta) -> Sequence[Mapping[str, object]]:
        self.asked.append((sql, timeout))
        if self._clock is not None:
            self._clock.advance(self._each_takes)
        answer = self._answers[sql]
        if isinstance(answer, Exception):
            raise answer
        return answer
