"""One loss of the primary in the embedded environment, under writes, from the loss to the standby's return."""

import json
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from local.alerts import ReceivedAlert
from local.demo.scene import Scene
from local.drill import losses
from local.drill.aws import DrilledDeployment
from local.drill.control import run_control
from local.drill.losses import Mode
from local.drill.notices import SOURCE, Notices
from local.drill.runs import Control, Drill, DrillRun, Moment
from local.drill.writers import DrillWriters, ProbedWriters
from local.drill.writes import account, first_acknowledged, longest_silence
from local.errors import LocalError
from local.postgres.access import Connection
from local.postgres.failover import Failover
from local.postgres.watch import watch_wanted
from local.redrive.places import embedded_place
from local.reports.attempts import Attempt, Slice, slices
from local.waiting import last_value, wait_until

REACT = "ReactToRdsEventFunction"
APPLICATION_ROLE, APPLICATION_SECRET = "langpont_app", "AppRoleSecret"
WRITES_BEFORE, WRITES_AFTER = 500, 300
FAILOVER_DEADLINE_SECONDS = 90.0
WHOLE_DEADLINE_SECONDS = 120.0
SLICE_SECONDS = 0.05
COLD_NOTE = "The functions are started for this run's events; later runs find them warm."
# What the charts show around the loss.
SHOWN_BEFORE_SECONDS, SHOWN_AFTER_SECONDS = 1.0, 1.5


@dataclass(frozen=True, slots=True)
class EmbeddedDrill:
    """Loses the primary of an environment that is up.

    Args:
        scene: The environment.
    """

    scene: Scene

    def run(self, number: int, mode: Mode) -> DrillRun:
        """Lose the primary once, and return when all is whole again.

        Args:
            number: Counts the runs.
            mode: How to lose it.

        Raises:
            LocalError: nothing took over, no alert came, or the old primary did not come back.
        """
        self._wait_until_whole()
        with self._watched(mode), self._writers() as writers:
            writers.wait_for_further(WRITES_BEFORE)
            lost_at = self._lose(mode)
            failover = self._failover_since(lost_at)
            aftermath = self._aftermath(lost_at)
            writers.wait_for_further(WRITES_AFTER)
        self.scene.refuse_denials(REACT)
        return _Seen(lost_at, failover, *aftermath).as_run(number, mode, writers)

    def control(self, *, asynchronous: bool) -> Control:
        """Show whether the counting finds a loss, without or with commits that wait; errors as `run`."""
        self._wait_until_whole()
        return run_control(self.scene.cluster, self._writers(), asynchronous=asynchronous)

    def probed_control(self) -> Control:
        """Show whether the probe's counting, which a drill on AWS goes by, finds a loss; errors as `run`."""
        self._wait_until_whole()
        return run_control(self.scene.cluster, ProbedWriters(self.deployment.database), asynchronous=True)

    @property
    def notices(self) -> Notices:
        """What the deployment is told of the drill."""
        return self.deployment.notices

    @property
    def deployment(self) -> DrilledDeployment:
        """The environment, as a drill on AWS sees it."""
        return DrilledDeployment(embedded_place(self.scene.environment))

    def tell(self, drill: Drill, report: str) -> None:
        """Have people told how the drill ended, and wait until they are.

        Raises:
            LocalError: no alert came of it.
        """
        self.notices.tell(drill, report)
        self.scene.wait_for_alert("the alert of the drill's report", REACT, is_report)

    def _writers(self) -> DrillWriters:
        """Return writers that log in as the application does."""
        secret = self.scene.aws.secrets.get_secret_value(SecretId=self.scene.stack.physical_id(APPLICATION_SECRET))
        login = json.loads(secret["SecretString"])

        def connect() -> Connection:
            database = self.scene.environment.postgres.database
            return self.scene.cluster.writer.connect(database, login["username"], login["password"])

        return DrillWriters(connect, self.scene.connect, APPLICATION_ROLE)

    def _watched(self, mode: Mode) -> AbstractContextManager[None]:
        """Let the local RDS look after its primary where nobody will ask for a failover."""
        return nullcontext() if mode is Mode.FORCED else watch_wanted(self.scene.cluster.folders.watch)

    def _lose(self, mode: Mode) -> float:
        if mode is Mode.FORCED:
            return losses.force(self.scene.aws.rds, self.scene.instance)
        return losses.kill(self.scene.cluster) if mode is Mode.KILLED else losses.freeze(self.scene.cluster)

    def _failover_since(self, lost_at: float) -> Failover:
        def recorded() -> Failover | None:
            last = Failover.read(self.scene.cluster.folders.last_failover)
            return last if last and last.started_at.timestamp() >= lost_at else None

        found = last_value(recorded, deadline_seconds=FAILOVER_DEADLINE_SECONDS, poll_seconds=0.02)
        if found is None:
            raise LocalError(f"nothing took over from the lost primary within {FAILOVER_DEADLINE_SECONDS:g} s")
        return found

    def _aftermath(self, lost_at: float) -> tuple[ReceivedAlert, float]:
        """Return the alert of the completion, and when the old primary was the standby again."""
        alerts: list[ReceivedAlert] = []
        in_sync_at: list[float] = []

        def looked() -> tuple[ReceivedAlert, float] | None:
            if not alerts and (alert := self.scene.alerts.take(lambda each: _tells_completion(each, lost_at))):
                alerts.append(alert)
            if not in_sync_at and self.scene.cluster.is_in_sync():
                in_sync_at.append(time.time())
            return (alerts[0], in_sync_at[0]) if alerts and in_sync_at else None

        what = "the alert of the completed failover, and the standby"
        return self.scene.wait_for(what, REACT, looked, WHOLE_DEADLINE_SECONDS)

    def _wait_until_whole(self) -> None:
        cluster, rds = self.scene.cluster, self.scene.aws.rds
        wait_until("the standby to be in sync", cluster.is_in_sync, deadline_seconds=WHOLE_DEADLINE_SECONDS)
        cluster.ensure_replica_follows(deadline_seconds=WHOLE_DEADLINE_SECONDS)

        def is_available() -> bool:
            described = rds.describe_db_instances(DBInstanceIdentifier=self.scene.instance)["DBInstances"]
            return described[0]["DBInstanceStatus"] == "available"

        wait_until(f"{self.scene.instance} to be available", is_available, deadline_seconds=WHOLE_DEADLINE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Seen:
    lost_at: float
    failover: Failover
    alert: ReceivedAlert
    rejoined_at: float

    def as_run(self, number: int, mode: Mode, writers: DrillWriters) -> DrillRun:
        attempts = writers.attempts
        event_at = _time(str(self.alert.body["occurred_at"]))
        alerted_at = self.alert.delivered_at.timestamp() if self.alert.delivered_at else None
        moments = {
            Moment.DETECTED: self.failover.started_at.timestamp(),
            Moment.PROMOTED: self.failover.promoted_at.timestamp(),
            Moment.REPOINTED: self.failover.repointed_at.timestamp(),
            Moment.FIRST_WRITE: first_acknowledged(attempts, self.failover.promoted_at.timestamp()),
            Moment.EVENT: event_at,
            Moment.ALERT: alerted_at,
            Moment.REJOINED: self.rejoined_at,
        }
        return DrillRun(
            number=number,
            mode=mode.value,
            lost_at=datetime.fromtimestamp(self.lost_at, UTC),
            moments={name: round(at - self.lost_at, 3) for name, at in moments.items() if at is not None},
            account=account(attempts, writers.present()),
            outage_seconds=round(longest_silence(attempts), 3),
            event_to_alert_seconds=None if alerted_at is None else round(alerted_at - event_at, 3),
            slices=self._slices(attempts, alerted_at or event_at),
            notes=(COLD_NOTE,) if number == 1 else (),
        )

    def _slices(self, attempts: list[Attempt], told_at: float) -> tuple[Slice, ...]:
        begins, ends = self.lost_at - SHOWN_BEFORE_SECONDS, told_at + SHOWN_AFTER_SECONDS
        shown = [attempt for attempt in attempts if begins <= attempt.ended <= ends]
        return slices(shown, self.lost_at, SLICE_SECONDS)


def _tells_completion(alert: ReceivedAlert, lost_at: float) -> bool:
    """Tell whether it is this failover's, not the follow-up of the one before."""
    is_one = alert.body["kind"] == "failover" and "failover_duration_seconds" in alert.body["facts"]
    return is_one and _time(str(alert.body["occurred_at"])) >= lost_at


def is_report(alert: ReceivedAlert) -> bool:
    """Tell whether an alert is about a drill that has ended."""
    return bool(alert.body["kind"] == "report" and alert.body["source"]["type"] == SOURCE)


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
