"""An alerts topic that keeps what it was given."""

from collections.abc import Mapping

from rds_operations.domain.alerts import Alert
from rds_operations.domain.errors import OperationsError


class FakeAlertTopic:
    """Keeps alerts and passed-on messages; raises the prepared error for a resource or a subject."""

    def __init__(self, failing: Mapping[str, OperationsError] | None = None) -> None:
        self.published: list[Alert] = []
        self.passed_on: list[tuple[str, str]] = []
        self._failing = dict(failing or {})

    def publish(self, alert: Alert) -> None:
        self._fail(alert.resource)
        self.published.append(alert)

    def pass_on(self, subject: str, message: str) -> None:
        self._fail(subject)
        self.passed_on.append((subject, message))

    def _fail(self, key: str) -> None:
        if key in self._failing:
            raise self._failing[key]
