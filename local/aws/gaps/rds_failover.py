"""RebootDBInstance with ForceFailover fails the embedded cluster over and emits what RDS emits, in its order.

Observed order on RDS: failover started, restarted, failover completed with the reason at the same time; the zones that
DescribeDBInstances shows change only minutes later (here: seconds later, so that a follow-up can be seen).
"""

import contextvars
import logging
import threading
import time
from typing import Any, Protocol

from ministack.services import rds

from local.aws.gaps.rds_events import RdsEvent, emit_instance_event, record_in_history
from local.errors import LocalError

ZONE_SHOWN_AFTER_SECONDS = 20
log = logging.getLogger("local.rds_failover")

_STARTED = RdsEvent("RDS-EVENT-0013", ("failover",), "Multi-AZ instance failover started.")
_RESTARTED = RdsEvent("RDS-EVENT-0006", ("availability",), "DB instance restarted")
_COMPLETED = RdsEvent("RDS-EVENT-0049", ("failover",), "Multi-AZ instance failover completed")
_REASON = RdsEvent("", ("failover",), "The user requested a failover of the DB instance.")
_ABANDONED = RdsEvent("RDS-EVENT-0034", ("failover",), "Abandoning user requested failover: one happened recently.")
_BROKEN = RdsEvent("RDS-EVENT-0031", ("failure",), "The DB instance has failed.")

type Parameters = dict[str, list[str]]
type Response = tuple[int, dict[str, str], bytes]


class FailoverCluster(Protocol):
    """What a failover needs of the embedded cluster."""

    def is_in_sync(self) -> bool:
        """Tell whether a failover would lose nothing."""

    def fail_over(self) -> object:
        """Kill the primary, promote the standby and move the writer endpoint."""

    def rebuild_standby(self) -> object:
        """Make the former primary the new standby."""

    def ensure_replica_follows(self) -> object:
        """See to it that the replica follows the new primary."""


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
        instance = rds._instances.get(rds._p(parameters, "DBInstanceIdentifier"))
        return _refusal(parameters, instance, primary_identifier) or _begin(instance, cluster)

    rds._ACTION_MAP["RebootDBInstance"] = reboot_or_fail_over


def _refusal(parameters: Parameters, instance: dict[str, Any] | None, primary_identifier: str) -> Response | None:
    name = rds._p(parameters, "DBInstanceIdentifier")
    refusal: Response | None = None
    if instance is None:
        refusal = rds._error("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
    elif not instance["MultiAZ"] or name != primary_identifier:
        refusal = rds._error(
            "InvalidParameterCombination", "ForceFailover is only allowed for Multi-AZ instances.", 400
        )
    elif instance["DBInstanceStatus"] != "available":
        state = instance["DBInstanceStatus"]
        refusal = rds._error("InvalidDBInstanceState", f"Instance {name} is not available: {state}.", 400)
    return refusal


def _begin(instance: dict[str, Any] | None, cluster: FailoverCluster) -> Response:
    if instance is None:
        raise LookupError("a failover needs an instance")
    if cluster.is_in_sync():
        instance["DBInstanceStatus"] = "rebooting"
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(_fail_over, instance, cluster), name="failover", daemon=True).start()
    else:
        emit_instance_event(instance, _ABANDONED)
    response: Response = rds._single_instance_response("RebootDBInstanceResponse", "RebootDBInstanceResult", instance)
    return response


def _fail_over(instance: dict[str, Any], cluster: FailoverCluster) -> None:
    emit_instance_event(instance, _STARTED)
    try:
        cluster.fail_over()
    except LocalError:
        log.exception("The failover failed")
        instance["DBInstanceStatus"] = "failed"
        emit_instance_event(instance, _BROKEN)
        return
    emit_instance_event(instance, _RESTARTED)
    instance["DBInstanceStatus"] = "available"
    record_in_history(instance, _REASON)
    emit_instance_event(instance, _COMPLETED)
    _restore_redundancy(instance, cluster)


def _restore_redundancy(instance: dict[str, Any], cluster: FailoverCluster) -> None:
    try:
        cluster.rebuild_standby()
        cluster.ensure_replica_follows()
    except LocalError:
        log.exception("The servers around the new primary could not be restored")
    time.sleep(ZONE_SHOWN_AFTER_SECONDS)
    zones = instance["AvailabilityZone"], instance["SecondaryAvailabilityZone"]
    instance["SecondaryAvailabilityZone"], instance["AvailabilityZone"] = zones
