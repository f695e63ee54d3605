"""A database that gives prepared answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rds_operations.domain.metric_memory import SERVER_QUERY, Server
from tests.fakes.clock import FakeClock

type Rows = Sequence[Mapping[str, object]]
type Answer = Rows | Exception
type ChangingAnswer = Answer | Callable[[], Answer]

SERVER = Server(datetime(2026, 11, 1, tzinfo=UTC), in_recovery=False, version=16)


class FakeQueryRunner:
    """Answers each query with its prepared rows or error, and remembers what it was asked.

    Args:
        answers: Rows or error, or what returns them, by statement.
        server: Who answers.
        clock: A clock that each query but the one for the server moves on.
        each_takes: By how much.
    """

    def __init__(
        self,
        answers: Mapping[str, ChangingAnswer],
        *,
        server: Server = SERVER,
        clock: FakeClock | None = None,
        each_takes: timedelta = timedelta(0),
    ) -> None:
        self.answers = dict(answers)
        self.server = server
        self._clock = clock
        self._each_takes = each_takes
        self.asked: list[tuple[str, timedelta]] = []

    def rows(self, sql: str, timeout: timedelta) -> Rows:
        if sql == SERVER_QUERY:
            server = self.server
            return [{"started_at": server.started_at, "in_recovery": server.in_recovery, "version": server.version}]
        self.asked.append((sql, timeout))
        if self._clock is not None:
            self._clock.advance(self._each_takes)
        answer = self.answers[sql]
        found = answer() if callable(answer) else answer
        if isinstance(found, Exception):
            raise found
        return found


class FakeMetricsDatabase:
    """Hands out its runner, or cannot be reached.

    Args:
        query_runner: Who answers.
        trouble: What is raised instead.
    """

    def __init__(self, query_runner: FakeQueryRunner, trouble: Exception | None = None) -> None:
        self.runner = query_runner
        self.trouble = trouble
        self.connections = 0

    @contextmanager
    def query_runner(self) -> Iterator[FakeQueryRunner]:
        self.connections += 1
        if self.trouble is not None:
            raise self.trouble
        yield self.runner
