"""What the steps after the deployment share: the environment, the stack, the alerts and waiting with a cause."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from local.alerts import AlertsQueue, ReceivedAlert
from local.aws.server import LocalAws
from local.checkout import Checkout
from local.environment import Environment
from local.errors import LocalError
from local.lifecycle import aws_of
from local.postgres.access import Connection
from local.postgres.cluster import Cluster
from local.stack import DeployedStack, cause_of
from local.waiting import last_value

# A rate of one minute, its invocation, and room for a slow machine.
SCHEDULE_DEADLINE_SECONDS = 100.0
ALERT_DEADLINE_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Scene:
    """The running environment, as the steps see it."""

    checkout: Checkout
    environment: Environment
    aws: LocalAws
    stack: DeployedStack
    alerts: AlertsQueue
    cluster: Cluster

    @classmethod
    def of(cls, checkout: Checkout, environment: Environment, cluster: Cluster) -> "Scene":
        """Return the scene of an environment that is up."""
        aws = aws_of(environment)
        stack = DeployedStack(aws, environment.stack_name)
        return cls(checkout, environment, aws, stack, AlertsQueue(aws, environment.alerts_queue_url), cluster)

    @property
    def instance(self) -> str:
        """Return the identifier of the primary."""
        return self.environment.postgres.primary.identifier

    def connect(self) -> Connection:
        """Return a connection to the writer endpoint as the master user, its certificate checked."""
        postgres = self.environment.postgres
        password = Path(postgres.admin_password_file).read_text(encoding="utf-8").strip()
        return self.cluster.writer.connect(postgres.database, postgres.admin_user, password)

    def wait_for_alert(self, what: str, function: str, wanted: Callable[[ReceivedAlert], bool]) -> ReceivedAlert:
        """Return the first alert that is wanted; errors as `wait_for`."""
        return self.wait_for(what, function, lambda: self.alerts.take(wanted), ALERT_DEADLINE_SECONDS)

    def wait_for[Value](
        self,
        what: str,
        function: str,
        condition: Callable[[], Value | None],
        deadline_seconds: float = SCHEDULE_DEADLINE_SECONDS,
    ) -> Value:
        """Return what `condition` finds; what the function could not do is the cause where it finds nothing.

        Raises:
            LocalError: the function was denied something, gave up, or nothing was found in time.
        """
        found = last_value(
            lambda: condition() or self._trouble(function),
            deadline_seconds=deadline_seconds,
            poll_seconds=LOOK_EVERY_SECONDS,
        )
        if isinstance(found, LocalError):
            raise found
        if not found:
            raise LocalError(f"waited for {what}; it did not happen within {deadline_seconds:g} s")
        return found

    def refuse_denials(self, function: str) -> None:
        """Raise the first denial that a function met, even one that it survived.

        Raises:
            LocalError: IAM refused a call of the function.
        """
        for denial in self.stack.denials(function):
            raise LocalError(str(denial))

    def _trouble(self, function: str) -> LocalError | None:
        letters = self.stack.dead_letters(function)
        for denial in self.stack.denials(function):
            return LocalError(str(denial))
        for letter in letters:
            return LocalError(f"{function} gave up: {cause_of(letter)}")
        return None


def scalar(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> object:
    """Return the one value of a statement."""
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None
