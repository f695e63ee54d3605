"""RebootDBInstance with ForceFailover fails the embedded cluster over and emits what RDS emits, in its order.

Observed on RDS: failover started, restarted, and 3 to 42 s after the database was usable failover completed, with the
reason at the same time; some seconds later the status turns from `rebooting` to `available`; the zones that
DescribeDBInstances shows change minutes later still.
"""

import contextvars
import logging
import threading
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
from ministack.services import rds

from local.aws.gaps.rds_events import RdsEvent, emit_instance_event, record_instance_event
from local.errors import LocalError
from local.postgres.failover import Failover

# For whoever changes the cluster at that moment: a copy of a server takes seconds.
LOCK_DEADLINE_SECONDS = 60.0
# Far enough from the start: with less than 50 ms between them nobody could tell a completion from its reason.
COMPLETED_AFTER_SECONDS = 0.5
AVAILABLE_AFTER_SECONDS = 1.5
ZONE_SHOWN_AFTER_SECONDS = 8
log = logging.getLogger("local.rds_failover")

_STARTED = RdsEvent("RDS-EVENT-0013", ("failover",), "Multi-AZ instance failover started.")
_RESTARTED = RdsEvent("RDS-EVENT-0006", ("availability",), "DB instance restarted")
_COMPLETED = RdsEvent("RDS-EVENT-0049", ("failover",), "Multi-AZ instance failover completed")
REQUESTED = RdsEvent("", ("failover",), "The user requested a failover of the DB instance.")
# RDS user guide, "Amazon RDS event categories and event messages".
_ABANDONED = RdsEvent(
    "RDS-EVENT-0034",
    ("failover",),
    "Abandoning user requested failover since a failover recently occurred on the database instance.",
)
_BROKEN = RdsEvent("RDS-EVENT-0031", ("failure",), "The DB instance has failed.")

type Instance = dict[str, Any]
type Parameters = dict[str, list[str]]
type Response = tuple[int, dict[str, str], bytes]


class FailoverCluster(Protocol):
    """What a failover needs of the embedded cluster."""

    def fail_over(self, *, deadline_seconds: float) -> Failover:
        """Kill the primary, promote the standby and move the writer endpoint; wait that long for the cluster's lock."""

    def rebuild_standby(self, *, deadline_seconds: float) -> object:
        """Make the former primary the new standby."""

    def ensure_replica_follows(self, *, deadline_seconds: float) -> object:
        """See to it that the replica follows the new primary."""

    def connect_as_superuser(self) -> AbstractContextManager[object]:
        """Return a connection to the primary."""


def install(primary_identifier: str, cluster: FailoverCluster) -> None:
    """Wrap RebootDBInstance.

    Args:
        primary_identifier: The instance that the cluster plays.
        cluster: The cluster itself.
    """
    reboot = rds._ACTION_MAP["RebootDBInstance"]

    def reboot_or_fail_over(parameters: Parameters) -> Response:
        if rds._p(parameters, "ForceFailover") != "true":
            response: Response = reboot(parameters)
            return response
        # Requests come on several threads, and one of them gets the instance.
        with rds._shared_container_lock:
            instance = rds._resolve_instance(rds._p(parameters, "DBInstanceIdentifier"))
            return _refusal(parameters, instance, primary_identifier) or _begin(instance, cluster)

    rds._ACTION_MAP["RebootDBInstance"] = reboot_or_fail_over


def _refusal(parameters: Parameters, instance: Instance | None, primary_identifier: str) -> Response | None:
    refusal: Response | None = None
    if instance is None:
        name = rds._p(parameters, "DBInstanceIdentifier")
        refusal = rds._error("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
    elif not instance["MultiAZ"] or instance["DBInstanceIdentifier"] != primary_identifier:
        refusal = rds._error(
            "InvalidParameterCombination", "ForceFailover is only allowed for Multi-AZ instances.", 400
        )
    elif instance["DBInstanceStatus"] != "available":
        name, state = instance["DBInstanceIdentifier"], instance["DBInstanceStatus"]
        refusal = rds._error("InvalidDBInstanceState", f"Instance {name} is not available: {state}.", 400)
    return refusal


def _begin(instance: Instance, cluster: FailoverCluster) -> Response:
    instance["DBInstanceStatus"] = "rebooting"
    response: Response = rds._single_instance_response("RebootDBInstanceResponse", "RebootDBInstanceResult", instance)
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(run_failover, instance, cluster), name="failover", daemon=True).start()
    return response


def run_failover(instance: Instance, cluster: FailoverCluster) -> None:
    """Fail over as requested, make the cluster whole again, and show the zones as late as RDS does."""
    if fail_over_and_restore(instance, cluster, REQUESTED):
        show_zones(instance)


def fail_over_and_restore(instance: Instance, cluster: FailoverCluster, reason: RdsEvent) -> bool:
    """Fail over and make the cluster whole again; whatever happens, the instance's status tells the truth.

    Args:
        instance: The emulator's record of the instance, `rebooting` where somebody asked for it.
        cluster: What plays it.
        reason: What RDS's history says about it at the moment of the completion.

    Returns:
        Whether another server is the primary now.
    """
    try:
        failed_over = _fail_over(instance, cluster, reason)
        if failed_over:
            _restore_redundancy(instance, cluster)
    except Exception:
        # Nobody joins this thread: an error that is not told here is told nowhere, and the status would stay for ever.
        instance["DBInstanceStatus"] = "failed"
        log.exception("The failover of %s broke off", instance["DBInstanceIdentifier"])
        return False
    return failed_over


def show_zones(instance: Instance) -> None:
    """Let primary and standby have changed zones, after as long as it takes until RDS shows it."""
    time.sleep(ZONE_SHOWN_AFTER_SECONDS)
    zones = instance["AvailabilityZone"], instance["SecondaryAvailabilityZone"]
    instance["SecondaryAvailabilityZone"], instance["AvailabilityZone"] = zones


def _fail_over(instance: Instance, cluster: FailoverCluster, reason: RdsEvent) -> bool:
    try:
        failover = cluster.fail_over(deadline_seconds=LOCK_DEADLINE_SECONDS)
    except (LocalError, psycopg.Error) as error:
        _end_without_failover(instance, cluster, error)
        return False
    # Told with the times at which things happened: until now it could still have turned out that nothing is done.
    emit_instance_event(instance, _STARTED, failover.started_at)
    emit_instance_event(instance, _RESTARTED, failover.promoted_at)
    time.sleep(COMPLETED_AFTER_SECONDS)
    completed_at = datetime.now(UTC)
    record_instance_event(instance, reason, completed_at)
    emit_instance_event(instance, _COMPLETED, completed_at)
    time.sleep(AVAILABLE_AFTER_SECONDS)
    instance["DBInstanceStatus"] = "available"
    return True


def _end_without_failover(instance: Instance, cluster: FailoverCluster, error: Exception) -> None:
    if _is_answering(cluster):
        log.warning("The failover of %s was abandoned: %s", instance["DBInstanceIdentifier"], error)
        instance["DBInstanceStatus"] = "available"
        emit_instance_event(instance, _ABANDONED)
    else:
        log.error("The failover of %s failed", instance["DBInstanceIdentifier"], exc_info=error)
        instance["DBInstanceStatus"] = "failed"
        emit_instance_event(instance, _STARTED)
        emit_instance_event(instance, _BROKEN)


def _is_answering(cluster: FailoverCluster) -> bool:
    try:
        with cluster.connect_as_superuser():
            return True
    except (LocalError, psycopg.Error):
        return False


def _restore_redundancy(instance: Instance, cluster: FailoverCluster) -> None:
    try:
        cluster.rebuild_standby(deadline_seconds=LOCK_DEADLINE_SECONDS)
        cluster.ensure_replica_follows(deadline_seconds=LOCK_DEADLINE_SECONDS)
    except (LocalError, psycopg.Error):
        # The new primary serves all the same; without a standby the next failover is abandoned.
        log.exception("The servers around the new primary of %s were not restored", instance["DBInstanceIdentifier"])
