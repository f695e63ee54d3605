"""A probe of the database that answers at once."""

from collections.abc import Callable

from rds_operations.domain.probes import ProbeAnswer


class FakePromptProbe:
    """Gives the prepared answer, and counts how often it was asked and waited for."""

    def __init__(self, answer: ProbeAnswer) -> None:
        self._answer = answer
        self.asked = 0
        self.waited = 0

    def ask(self) -> Callable[[], ProbeAnswer]:
        self.asked += 1
        return self._wait

    def _wait(self) -> ProbeAnswer:
        self.waited += 1
        return self._answer
