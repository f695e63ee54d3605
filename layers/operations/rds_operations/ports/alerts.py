"""Where the use cases tell people."""

from typing import Protocol

from rds_operations.domain.alerts import Alert


class AlertTopic(Protocol):
    """Publishes alerts to people."""

    def publish(self, alert: Alert) -> None:
        """Publish the alert.

        Raises:
            RetryableError: the topic throttled or could not be reached.
            RefusedError: the call is not allowed.
        """

    def pass_on(self, subject: str, message: str) -> None:
        """Publish a message that is no alert as it came; errors as `publish`."""
