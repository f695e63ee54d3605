"""What the use cases need of CloudFormation."""

from typing import Protocol

from rds_operations.domain.custom_resources import CustomResourceAnswer, ReplyAddress


class CustomResourceReplies(Protocol):
    """Tells CloudFormation what became of its requests."""

    def send(self, answer: CustomResourceAnswer, reply_to: ReplyAddress) -> None:
        """Deliver the answer.

        Raises:
            RetryableError: it could not be delivered.
            RefusedError: it was not taken.
        """
