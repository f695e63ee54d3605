"""A drill on the real cluster: nothing is lost when commits wait for the standby, and the counting finds what is."""

import threading
from collections.abc import Callable

import pytest

from local.drill.control import WRITES_HELD_BACK, run_control
from local.drill.losses import freeze, kill
from local.drill.writers import DrillWriters
from local.drill.writes import account
from local.postgres.cluster import Cluster
from local.postgres.failover import Failover
from local.postgres.topology import Role
from local.postgres.watch import fence_primary, is_watch_wanted, wait_until_lost, watch_wanted
from tests.integration.clusters import connect


def _writers(cluster: Cluster) -> DrillWriters:
    return DrillWriters(lambda: connect(cluster))


def test_control_without_synchronous_commits_loses_acknowledged_writes(cluster: Cluster) -> None:
    control = run_control(cluster, _writers(cluster), asynchronous=True)

    # Nothing of these can have reached the standby; without holding it back a handful would be lost, by luck.
    assert control.account.lost >= WRITES_HELD_BACK // 2
    assert cluster.is_in_sync()


def test_same_control_with_synchronous_commits_loses_nothing(cluster: Cluster) -> None:
    control = run_control(cluster, _writers(cluster), asynchronous=False)

    assert control.account.acknowledged >= 400
    assert control.account.lost == 0


@pytest.mark.parametrize("lose", [kill, freeze])
def test_lost_primary_is_noticed_fenced_and_replaced_without_loss(
    cluster: Cluster, lose: Callable[[Cluster], float]
) -> None:
    noticed: list[bool] = []
    with watch_wanted(cluster.folders.watch):
        watch = threading.Thread(target=lambda: noticed.append(_noticed_and_replaced(cluster)))
        with _writers(cluster) as writers:
            watch.start()
            writers.wait_for_further(100)
            lose(cluster)
            watch.join(timeout=60)
            writers.wait_for_further(100)

    found = account(writers.attempts, writers.present())
    assert noticed == [True]
    assert found.acknowledged >= 200
    assert found.lost == 0


def test_watch_ends_when_nobody_wants_it_any_more(cluster: Cluster) -> None:
    file = cluster.folders.watch
    with watch_wanted(file):
        wanted = is_watch_wanted(file)

    lost = wait_until_lost(cluster, lambda: is_watch_wanted(file))

    assert (wanted, lost) == (True, False)


def test_primary_without_a_standby_is_not_fenced(cluster: Cluster) -> None:
    cluster.members.node(Role.STANDBY).stop()

    fenced = fence_primary(cluster)

    assert not fenced
    assert cluster.members.node(Role.PRIMARY).is_running()


def test_moments_of_the_last_failover_are_kept_for_others(cluster: Cluster) -> None:
    failover = cluster.fail_over()

    assert Failover.read(cluster.folders.last_failover) == failover


def _noticed_and_replaced(cluster: Cluster) -> bool:
    lost = wait_until_lost(cluster, lambda: is_watch_wanted(cluster.folders.watch)) and fence_primary(cluster)
    if lost:
        cluster.fail_over()
    return lost
