"""What the use cases need from the world, as protocols: adapters fulfil them, tests/fakes imitate them."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from rds_operations.domain.alerts import Alert
from rds_operations.domain.custom_resources import CustomResourceAnswer, ReplyAddress
from rds_operations.domain.database_objects import DatabaseState
from rds_operations.domain.engine_versions import RunningEngine
from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import DbInstance, HistoryEntry
from rds_operations.domain.metric_memory import Memory
from rds_operations.domain.probes import ReplicaProgress
from rds_operations.domain.security_groups import GroupRule
from rds_operations.domain.server_facts import Fact
from rds_operations.domain.setup_changes import Change
from rds_operations.domain.snapshots import Snapshot


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time in UTC, aware of its zone."""


class InstanceDirectory(Protocol):
    """Describes DB instances."""

    def describe(self, identifier: str) -> DbInstance:
        """Return the instance.

        Raises:
            NotFoundError: there is no such instance.
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """

    def history(self, identifier: str, looking_back: timedelta) -> tuple[HistoryEntry, ...]:
        """Return the instance's events of the last `looking_back`, oldest first; errors as `describe`."""


class SnapshotStore(Protocol):
    """Lists, makes and deletes manual snapshots of one instance."""

    def list_manual(self, instance_identifier: str) -> tuple[Snapshot, ...]:
        """Return all manual snapshots of the instance, in one call per hundred."""

    def create(self, identifier: str, instance_identifier: str, tags: Mapping[str, str]) -> Snapshot:
        """Start a snapshot and return it as RDS answered.

        Raises:
            AlreadyExistsError: a snapshot of that identifier exists.
            NotFoundError: there is no such instance.
            RetryableError: the instance is in a state that forbids snapshots now, or the quota is full.
        """

    def find(self, identifier: str) -> Snapshot | None:
        """Return the snapshot of that identifier, or None."""

    def delete(self, identifier: str) -> None:
        """Delete the snapshot; one that is gone already counts as deleted.

        Raises:
            RetryableError: throttled, or the snapshot is in a state that forbids deletion now.
            RefusedError: the call is not allowed.
        """


class SnapshotCatalog(SnapshotStore, Protocol):
    """A store that sees every manual snapshot of the account in the region, and notes on one what was done."""

    def list_all_manual(self) -> tuple[Snapshot, ...]:
        """Return all manual snapshots of the account in the region, in one call per hundred."""

    def add_tags(self, identifier: str, tags: Mapping[str, str]) -> None:
        """Add tags to a snapshot, replacing those of the same keys.

        Raises:
            NotFoundError: there is no such snapshot.
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """


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


class MetricSink(Protocol):
    """Takes metric values."""

    def add(self, name: str, value: float, unit: str, dimensions: Mapping[str, str] | None = None) -> None:
        """Record one value.

        Args:
            name: The metric's name.
            value: A finite number.
            unit: A CloudWatch unit, e.g. `Count` or `Milliseconds`.
            dimensions: Further dimensions beside those every metric has.
        """


class QueryRunner(Protocol):
    """Runs read-only queries on one database node."""

    def rows(self, sql: str, timeout: timedelta) -> Sequence[Mapping[str, object]]:
        """Return the rows of one query as mappings of column name to value.

        Raises:
            QueryFailedError: the server refused the query, or its timeout passed; the next query can be asked.
            ConnectionLostError: the connection was lost, and there is a new one; the next query can be asked.
            RetryableError: the server cannot be reached.
            RefusedError: the connection was lost, and the server takes the login no more.
        """


class MetricsDatabase(Protocol):
    """A node of the database that can be asked."""

    def query_runner(self) -> AbstractContextManager[QueryRunner]:
        """Open a connection for the block.

        Raises:
            RetryableError: nobody answered in time, or the server takes no connections now.
            RefusedError: the login is refused, or the server's certificate is.
        """


class MetricsMemory(Protocol):
    """Keeps what one run knows for the next one, as long as it can; it begins empty."""

    def recall(self) -> Memory:
        """Return what was kept last."""

    def keep(self, memory: Memory) -> None:
        """Keep this instead."""


class Enrichment(Protocol):
    """Finds out about an instance, in the little time that an alert can wait."""

    def gather(self, identifier: str, looking_back: timedelta, primary: str | None = None) -> Findings:
        """Return what could be found out in time: the instance, its events of the last `looking_back`, its replicas.

        What fails or takes too long is named in the findings and never raised: an alert goes out in any case.

        Args:
            identifier: The instance.
            looking_back: How far its events reach back.
            primary: An instance to describe in the same time, because the first may be a replica of it.
        """


class Pause(Protocol):
    """Waits, between two tries of what may succeed later."""

    def wait(self, duration: timedelta) -> None:
        """Return after that time."""


class Engines(Protocol):
    """Tells what DB instances run."""

    def running(self, identifier: str) -> RunningEngine | None:
        """Return what the instance runs, or None where there is no such instance.

        Raises:
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed, or the instance runs something else than PostgreSQL.
        """


class SecurityGroups(Protocol):
    """Lists and revokes the rules of security groups."""

    def rules(self, group_id: str) -> tuple[GroupRule, ...]:
        """Return all rules of the group, in one call per page.

        Raises:
            RetryableError: EC2 throttled or could not be reached.
            RefusedError: the call is not allowed.
        """

    def revoke(self, group_id: str, rules: Sequence[GroupRule]) -> None:
        """Revoke rules, in one call per direction; those that are gone already count as revoked. Errors as `rules`."""


class Functions(Protocol):
    """Invokes functions."""

    def invoke(self, function_name: str, event: Mapping[str, object]) -> Mapping[str, object]:
        """Return what the function answers.

        Raises:
            OperationsError: it could not be invoked, or failed: see domain/invocations.
        """


class CustomResourceReplies(Protocol):
    """Tells CloudFormation what became of its requests."""

    def send(self, answer: CustomResourceAnswer, reply_to: ReplyAddress) -> None:
        """Deliver the answer.

        Raises:
            RetryableError: it could not be delivered.
            RefusedError: it was not taken.
        """


class DatabaseAdministration(Protocol):
    """A database, changed by its master user."""

    def state(self) -> DatabaseState:
        """Return the database as it is.

        Raises:
            RefusedError: the server refused to say.
            RetryableError: the connection was lost.
        """

    def apply(self, changes: Sequence[Change]) -> None:
        """Make all of the changes or, where one is refused, none.

        Raises:
            RefusedError: the server refused a change; the next can be tried.
            RetryableError: the connection was lost.
        """


class ServerInspector(Protocol):
    """Finds out what a server runs."""

    def facts(self, names: Collection[str]) -> Mapping[str, Fact]:
        """Return what the server shows of each name; what it does not know is left out.

        Raises:
            RefusedError: the server refused to say.
            RetryableError: the connection was lost.
        """


class ProbedServer(Protocol):
    """A server that was reached, and is asked with little patience."""

    @property
    def server_version(self) -> str:
        """PostgreSQL's version, e.g. `16.14`."""

    @property
    def in_recovery(self) -> bool:
        """Whether the server follows another."""

    def write(self) -> None:
        """Commit something that leaves no trace in the database.

        Raises:
            RefusedError: the server takes no writes.
            RetryableError: there was no answer in time, or the connection was lost.
        """

    def replicas(self) -> Sequence[ReplicaProgress]:
        """Return who follows the server, and how far behind; errors as `write`."""


class DatabaseProbe(Protocol):
    """Reaches a server, or not."""

    def reach(self) -> AbstractContextManager[ProbedServer]:
        """Open a connection for the block.

        Raises:
            RefusedError: the login is refused, or the server's certificate is.
            RetryableError: nobody answered in time, or the server takes no connections now.
        """
