"""The control: the same loss with the standby held back, without and with commits that wait for it.

Without them the drill must count lost writes, or its "0 lost" would prove nothing.
"""

import time

from local.drill.losses import hold_back_standby, kill
from local.drill.runs import Control, Writer
from local.drill.writers import ProbedWriters, Writers
from local.drill.writes import account
from local.postgres.cluster import Cluster
from local.postgres.replication import make_asynchronous
from local.postgres.topology import Role
from local.waiting import last_value

WRITES_BEFORE, WRITES_HELD_BACK, WRITES_AFTER = 200, 200, 200
# A synchronous primary acknowledges nothing in this time, which is what is to be shown.
HELD_SECONDS = 0.5
LOCK_DEADLINE_SECONDS = 60.0


def run_control(cluster: Cluster, writers: Writers, *, asynchronous: bool) -> Control:
    """Hold the standby back under writes, kill the primary, promote the standby, and count; then make all whole again.

    Args:
        cluster: Whole, and watched by nobody.
        writers: Not begun yet.
        asynchronous: Whether commits wait for the standby no more.

    Raises:
        LocalError: the cluster could not be failed over, or made whole again.
    """
    with writers:
        writers.wait_for_further(WRITES_BEFORE)
        if asynchronous:
            make_asynchronous(cluster.members.node(Role.PRIMARY))
        hold_back_standby(cluster)
        _let_writes_go_on(writers, asynchronous=asynchronous)
        kill(cluster)
        cluster.fail_over(deadline_seconds=LOCK_DEADLINE_SECONDS)
        writers.wait_for_further(WRITES_AFTER)
    found = account(writers.attempts, writers.present())
    cluster.rebuild_standby(deadline_seconds=LOCK_DEADLINE_SECONDS)
    cluster.ensure_replica_follows(deadline_seconds=LOCK_DEADLINE_SECONDS)
    writer = Writer.PROBE if isinstance(writers, ProbedWriters) else Writer.APPLICATION
    return Control("asynchronous" if asynchronous else "synchronous", found, writer)


def _let_writes_go_on(writers: Writers, *, asynchronous: bool) -> None:
    if asynchronous:
        writers.wait_for_further(WRITES_HELD_BACK)
        return
    held_at = time.time()
    last_value(lambda: writers.acknowledged_since(held_at) > WRITES_HELD_BACK, deadline_seconds=HELD_SECONDS)
