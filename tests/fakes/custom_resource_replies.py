"""CloudFormation's ear."""

from rds_operations.domain.custom_resources import CustomResourceAnswer, ReplyAddress
from rds_operations.domain.errors import OperationsError


class FakeReplies:
    """Remembers the answers; raises the prepared error instead."""

    def __init__(self, failing: OperationsError | None = None) -> None:
        self._failing = failing
        self.sent: list[tuple[CustomResourceAnswer, ReplyAddress]] = []

    def send(self, answer: CustomResourceAnswer, reply_to: ReplyAddress) -> None:
        if self._failing:
            raise self._failing
        self.sent.append((answer, reply_to))
