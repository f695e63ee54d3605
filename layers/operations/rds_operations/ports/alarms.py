"""What react_to_alarm needs from the world beside what all reactions need, and the database behind it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from rds_operations.domain.alarm_findings import AlarmFindings
from rds_operations.domain.alarm_history import StateChange
from rds_operations.domain.alarm_questions import AlarmQuestions
from rds_operations.domain.alarms import AlarmTrigger
from rds_operations.domain.metric_trends import MetricQuestion
from rds_operations.domain.watched_series import WatchedSeries


class QuestionedDatabase(Protocol):
    """A database that is asked with little patience."""

    def rows(self, sql: str) -> Sequence[Mapping[str, object]]:
        """Return the rows of one query, over a connection of its own.

        Raises:
            RefusedError: the login, the server's certificate or the query is refused.
            RetryableError: there was no answer in time, or the connection was lost.
        """


class AlarmHistory(Protocol):
    """Remembers what alarms did and what metrics were."""

    def changes(self, alarm_name: str) -> tuple[StateChange, ...]:
        """Return the latest changes of an alarm's state, a hundred at most, oldest first.

        Raises:
            RetryableError: CloudWatch throttled or could not be reached.
            RefusedError: the call is not allowed.
        """

    def values(
        self, questions: Sequence[MetricQuestion], since: datetime, until: datetime
    ) -> Mapping[MetricQuestion, tuple[float, ...]]:
        """Return the values of each metric between two times in UTC, oldest first; errors as `changes`."""

    def triggers(self, alarm_names: Sequence[str]) -> Mapping[str, AlarmTrigger]:
        """Return what those of the alarms look at that are no composite ones; errors as `changes`."""

    def series(self, watched: WatchedSeries, since: datetime, until: datetime) -> tuple[float, ...]:
        """Return the values of what an alarm watches between two times in UTC, oldest first; errors as `changes`."""


class Maintenance(Protocol):
    """Tells what RDS will do to an instance."""

    def pending(self, instance_arn: str) -> tuple[str, ...]:
        """Return what is pending for the instance, a line each; errors as `InstanceDirectory.describe`."""


class AlarmEnrichment(Protocol):
    """Finds out what belongs to an alarm, in the little time that an alert can wait."""

    def gather(self, questions: AlarmQuestions) -> AlarmFindings:
        """Return what was answered in time; what fails or takes too long is named in it and never raised."""
