"""A database that answers what it is asked with prepared rows."""

from collections.abc import Mapping, Sequence

from rds_operations.domain.errors import OperationsError


class FakeQuestions:
    """A `QuestionedDatabase` that gives the same rows, or the same error, and remembers what it was asked."""

    def __init__(self, answer: Sequence[Mapping[str, object]] | OperationsError) -> None:
        self._answer = answer
        self.asked: list[str] = []

    def rows(self, sql: str) -> Sequence[Mapping[str, object]]:
        self.asked.append(sql)
        if isinstance(self._answer, OperationsError):
            raise self._answer
        return self._answer
