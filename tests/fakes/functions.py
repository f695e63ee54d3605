"""Functions that answer what they were given."""

from collections.abc import Mapping

from rds_operations.domain.errors import OperationsError


class FakeFunctions:
    """Gives the prepared answers in turn; an error is raised, and the last answer is given for ever."""

    def __init__(self, *answers: Mapping[str, object] | OperationsError) -> None:
        self._answers = list(answers)
        self.invoked: list[tuple[str, Mapping[str, object]]] = []

    def invoke(self, function_name: str, event: Mapping[str, object]) -> Mapping[str, object]:
        self.invoked.append((function_name, event))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, OperationsError):
            raise answer
        return answer
