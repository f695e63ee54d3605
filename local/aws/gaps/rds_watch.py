"""A primary that dies or hangs is failed over by RDS itself, with the same events as a failover that was asked for."""

import logging
import threading
import time

import psycopg
from ministack.services import rds

from local.aws.gaps.rds_events import RdsEvent
from local.aws.gaps.rds_failover import fail_over_and_restore, show_zones
from local.errors import LocalError
from local.postgres.cluster import Cluster
from local.postgres.watch import fence_primary, is_watch_wanted, wait_until_lost

LOOK_EVERY_SECONDS = 0.1
log = logging.getLogger("local.rds_watch")

# RDS user guide, "Failing over a Multi-AZ DB instance": what it says where nobody asked.
UNASKED = RdsEvent("", ("failover",), "The RDS Multi-AZ primary instance is busy and unresponsive.")


def install(primary_identifier: str, cluster: Cluster) -> None:
    """Watch the primary whenever somebody wants that.

    Not always: on a machine that tests keep busy, a server that is only slow would be failed over.

    Args:
        primary_identifier: The instance that the cluster plays.
        cluster: The cluster itself.
    """
    threading.Thread(target=_watch_for_ever, args=(primary_identifier, cluster), name="watch", daemon=True).start()


def watch_once(primary_identifier: str, cluster: Cluster) -> None:
    """Watch a cluster that is whole until its primary is lost and another serves, or until nobody wants it watched."""
    file, instance = cluster.folders.watch, rds._instances.get(primary_identifier)
    if instance is None or not (is_watch_wanted(file) and cluster.is_in_sync()):
        return
    if not wait_until_lost(cluster, lambda: is_watch_wanted(file)) or not fence_primary(cluster):
        return
    if fail_over_and_restore(instance, cluster, UNASKED):
        threading.Thread(target=show_zones, args=(instance,), name="zones", daemon=True).start()


def _watch_for_ever(primary_identifier: str, cluster: Cluster) -> None:
    while True:
        try:
            watch_once(primary_identifier, cluster)
        except (LocalError, psycopg.Error) as error:
            log.warning("The primary of %s cannot be watched: %s", primary_identifier, error)
        time.sleep(LOOK_EVERY_SECONDS)
