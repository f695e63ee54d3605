"""A failover of the embedded cluster loses nothing that was acknowledged, and leaves it as whole as before."""

import os
import signal

import psycopg
import pytest

from local.demo.writers import SteadyWriters
from local.errors import LocalError
from local.postgres.cluster import Cluster
from local.postgres.recovery import Method
from local.postgres.topology import Role
from local.processes import Processes
from local.waiting import last_value, wait_until
from tests.integration.clusters import ask, connect


def test_no_acknowledged_write_is_lost_when_the_primary_is_killed(cluster: Cluster) -> None:
    with SteadyWriters(lambda: connect(cluster)) as writers:
        writers.wait_for_further(200)
        # Nothing reaches the standby any more: commits that did not wait for it would be acknowledged, and lost.
        _freeze_sender(cluster)
        last_value(lambda: writers.acknowledged() > 10_000, deadline_seconds=0.3)
        cluster.fail_over()
        writers.wait_for_further(200)

    count = writers.count()
    assert count.acknowledged >= 400
    assert count.lost == 0


def test_the_writer_endpoint_keeps_its_name_and_port_through_a_failover(cluster: Cluster) -> None:
    before = cluster.writer
    with connect(cluster) as connection:
        old_server = ask(connection, "SHOW cluster_name")

    failover = cluster.fail_over()

    assert cluster.writer == before
    with connect(cluster) as connection:
        assert ask(connection, "SHOW cluster_name") == failover.new_primary != old_server


def test_a_failover_drops_the_connections_of_the_old_primary(cluster: Cluster) -> None:
    connection = connect(cluster)

    cluster.fail_over()

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_the_moments_of_a_failover_are_in_order(cluster: Cluster) -> None:
    failover = cluster.fail_over()

    moments = [failover.started_at, failover.killed_at, failover.promoted_at, failover.repointed_at]
    assert moments == sorted(moments)


def test_two_failovers_in_a_row_bring_the_first_primary_back(cluster: Cluster) -> None:
    first = cluster.fail_over()
    rebuilt = cluster.rebuild_standby()
    second = cluster.fail_over()

    assert rebuilt.server == first.old_primary == second.new_primary
    assert rebuilt.method is Method.REWIND


def test_a_failover_without_a_standby_in_sync_is_refused(cluster: Cluster) -> None:
    failover = cluster.fail_over()

    with pytest.raises(LocalError, match=f"the standby {failover.old_primary} is not in sync .* could be lost"):
        cluster.fail_over()

    with connect(cluster) as connection:
        assert ask(connection, "SHOW cluster_name") == failover.new_primary


def test_a_failover_is_refused_while_the_standby_is_down(cluster: Cluster) -> None:
    cluster.members.node(Role.STANDBY).stop()

    with pytest.raises(LocalError, match="does not stream from the primary"):
        cluster.fail_over()

    assert cluster.members.node(Role.PRIMARY).is_running()


def test_the_promoted_server_takes_writes_before_it_has_a_standby(cluster: Cluster) -> None:
    cluster.fail_over()

    with connect(cluster) as connection:
        connection.execute("SET statement_timeout = '5s'")
        connection.execute("CREATE TABLE alone (); DROP TABLE alone")

    assert not cluster.is_in_sync()


def test_a_dead_primary_can_be_failed_over_and_nothing_is_lost(cluster: Cluster) -> None:
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE last_words AS SELECT 42 AS answer")
    cluster.members.node(Role.PRIMARY).kill()

    cluster.fail_over()

    with connect(cluster) as connection:
        assert ask(connection, "SELECT answer FROM last_words") == 42
        connection.execute("DROP TABLE last_words")


def test_a_second_change_at_the_same_time_is_refused(cluster: Cluster) -> None:
    with cluster._changing(), pytest.raises(LocalError, match="being changed by another failover, start or stop"):
        cluster.fail_over()


def test_the_replica_follows_the_new_primary_by_itself(cluster: Cluster) -> None:
    cluster.fail_over()

    replica = cluster.ensure_replica_follows()

    assert replica.method is Method.NONE
    with connect(cluster, cluster.replica) as connection:
        assert ask(connection, "SELECT pg_is_in_recovery()") is True


def test_a_replica_ahead_of_the_new_primary_is_copied_anew(cluster: Cluster) -> None:
    replica = cluster.members.node(Role.REPLICA)
    _freeze_sender(cluster)
    with cluster.connect_as_superuser() as superuser:
        superuser.execute("SET synchronous_commit = local; CREATE TABLE only_on_the_replica ()")
    with replica.connect("postgres") as connection:
        exists = "SELECT to_regclass('only_on_the_replica') IS NOT NULL"
        wait_until("the table on the replica", lambda: ask(connection, exists), deadline_seconds=10)
    cluster.fail_over()

    recovered = cluster.ensure_replica_follows()

    assert recovered.method is Method.COPY
    with replica.connect("postgres") as connection:
        assert ask(connection, "SELECT to_regclass('only_on_the_replica') IS NULL") is True


def test_an_interrupted_failover_is_finished_by_repeating_it(cluster: Cluster) -> None:
    standby = cluster.members.node(Role.STANDBY)
    cluster.members.node(Role.PRIMARY).kill()
    with standby.connect() as connection:
        standby.promote(connection)

    failover = cluster.fail_over()

    assert failover.new_primary == standby.name
    with connect(cluster) as connection:
        assert ask(connection, "SHOW cluster_name") == standby.name


def test_a_primary_that_hangs_can_be_failed_over(cluster: Cluster) -> None:
    primary = cluster.members.node(Role.PRIMARY)
    Processes(cluster.folders.root).send(primary.process_name, signal.SIGSTOP)

    cluster.fail_over()

    assert not primary.is_running()
    with connect(cluster) as connection:
        assert ask(connection, "SELECT pg_is_in_recovery()") is False


def _freeze_sender(cluster: Cluster) -> None:
    """Stop the primary's process that sends its log to the standby."""
    standby = cluster.members.node(Role.STANDBY)
    with cluster.connect_as_superuser() as superuser:
        query = "SELECT pid FROM pg_stat_replication WHERE application_name = %s"
        rows = superuser.execute(query, [standby.name]).fetchall()
    os.kill(int(str(rows[0][0])), signal.SIGSTOP)
