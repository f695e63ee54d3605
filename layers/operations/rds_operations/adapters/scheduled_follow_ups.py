"""Remembers second looks as schedules of EventBridge Scheduler that run once and delete themselves."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from rds_operations.adapters.aws_clients import aws_client
from rds_operations.adapters.aws_errors import translating
from rds_operations.domain.errors import AlreadyExistsError

CONNECT_TIMEOUT_SECONDS = 1
READ_TIMEOUT_SECONDS = 2
ATTEMPTS = 2

_SECOND = timedelta(seconds=1)


class SchedulerClient(Protocol):
    """The one call that is needed of boto3's client of Scheduler."""

    @property
    def create_schedule(self) -> Any:
        """CreateSchedule."""


def scheduler_client() -> SchedulerClient:
    """Return a client whose calls give up after 7 s: two attempts of 1 s to connect and 2 s to answer, 1 s between."""
    client: SchedulerClient = aws_client(
        "scheduler",
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS,
        attempts=ATTEMPTS,
    )
    return client


class ScheduledFollowUps:
    """`FollowUps` as schedules.

    Args:
        group: The schedule group.
        client: boto3's client of Scheduler.
        role_arn: The role by which Scheduler invokes the function.
        queue_arn: Where it puts what it cannot deliver.
        function_arn: The function that takes the second look.
    """

    def __init__(
        self, group: str, client: SchedulerClient, *, role_arn: str, queue_arn: str, function_arn: str
    ) -> None:
        self._group = group
        self._client = client
        self._role_arn = role_arn
        self._queue_arn = queue_arn
        self._function_arn = function_arn

    def remember(self, name: str, due_at: datetime, event: Mapping[str, object]) -> None:
        """Make the schedule; one of that name that exists already stays.

        Scheduler takes whole seconds and is up to 60 s late (its user guide, "Schedule types").

        Raises:
            RetryableError: Scheduler throttled or could not be reached.
            RefusedError: the call is not allowed, or there is no such group.
        """
        at = (due_at.astimezone(UTC) + _SECOND).replace(microsecond=0, tzinfo=None)
        try:
            with translating(f"scheduling {name}"):
                self._client.create_schedule(
                    Name=name,
                    GroupName=self._group,
                    ScheduleExpression=f"at({at.isoformat()})",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": self._function_arn,
                        "RoleArn": self._role_arn,
                        "Input": json.dumps(dict(event)),
                        "DeadLetterConfig": {"Arn": self._queue_arn},
                        "RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600},
                    },
                )
        except AlreadyExistsError:
            return


class FollowUpSchedules:
    """Where second looks are remembered; which function takes them is told with each invocation.

    Args:
        group: The schedule group; empty switches second looks off.
        role_arn: The role by which Scheduler invokes the function.
        queue_arn: Where it puts what it cannot deliver.
    """

    def __init__(self, group: str, *, role_arn: str, queue_arn: str) -> None:
        self._group = group
        self._client = scheduler_client() if group else None
        self._role_arn = role_arn
        self._queue_arn = queue_arn

    def of_function(self, arn: str) -> ScheduledFollowUps | None:
        """Return what remembers the second looks of a function, or None where they are switched off."""
        if self._client is None:
            return None
        return ScheduledFollowUps(
            self._group, self._client, role_arn=self._role_arn, queue_arn=self._queue_arn, function_arn=arn
        )
