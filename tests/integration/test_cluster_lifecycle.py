"""The embedded cluster comes up and goes down whatever was there before, under any user that PostgreSQL accepts."""

import os
import socket
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from local.errors import LocalError
from local.postgres.cluster import Cluster
from local.postgres.configuration import LOCAL
from local.postgres.privileges import Machine, decide_privileges
from local.postgres.programs import find_programs
from local.postgres.recovery import Method
from local.postgres.topology import Role
from local.processes import Processes
from local.waiting import last_value
from tests.integration.clusters import NAMES, ask, connect

WRITER_ENDPOINT = "postgres-writer-endpoint"


def test_up_is_harmless_when_everything_runs(cluster: Cluster) -> None:
    before = cluster.topology

    cluster.up(NAMES)

    assert cluster.topology == before


def test_up_makes_a_damaged_cluster_whole(cluster: Cluster) -> None:
    cluster.members.node(Role.STANDBY).kill()
    cluster.members.node(Role.REPLICA).kill()

    cluster.up(NAMES)

    assert cluster.is_in_sync()
    assert cluster.ensure_replica_follows().method is Method.NONE


def test_up_starts_a_dead_writer_endpoint_on_its_port(cluster: Cluster) -> None:
    before = cluster.topology
    Processes(cluster.folders.root).kill(WRITER_ENDPOINT)
    assert not cluster.is_whole(NAMES)

    cluster.up(NAMES)

    assert cluster.is_whole(NAMES)
    assert cluster.topology == before
    with connect(cluster) as connection:
        assert ask(connection, "SELECT pg_is_in_recovery()") is False


def test_a_writer_port_that_is_taken_is_named_and_costs_no_data(cluster: Cluster) -> None:
    before = cluster.topology
    Processes(cluster.folders.root).kill(WRITER_ENDPOINT)
    with socket.create_server(("127.0.0.1", before.writer_port)):
        complaint = f"the writer endpoint on port {before.writer_port} ended: .*; free the port, or begin anew"
        with pytest.raises(LocalError, match=complaint):
            cluster.up(NAMES)

    cluster.up(NAMES)

    assert cluster.topology == before


def test_up_starts_a_dead_primary_with_its_data(cluster: Cluster) -> None:
    before = cluster.topology
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE survives ()")
    cluster.members.node(Role.PRIMARY).kill()
    assert not cluster.is_whole(NAMES)

    cluster.up(NAMES)

    assert cluster.topology == before
    assert cluster.is_in_sync()
    with connect(cluster) as connection:
        connection.execute("DROP TABLE survives")


def test_up_finishes_an_interrupted_failover_and_keeps_what_came_after_it(cluster: Cluster) -> None:
    standby = cluster.members.node(Role.STANDBY)
    cluster.members.node(Role.PRIMARY).kill()
    with standby.session() as connection:
        standby.promote(connection)
        connection.execute("SET synchronous_commit = local; CREATE TABLE came_after ()")

    cluster.up(NAMES)

    assert cluster.topology.server(Role.PRIMARY).name == standby.name
    assert cluster.is_in_sync()
    with cluster.connect_as_superuser() as superuser:
        superuser.execute("DROP TABLE came_after")


def test_up_creates_a_cluster_anew_whose_primary_does_not_start_again(cluster: Cluster) -> None:
    primary = cluster.members.node(Role.PRIMARY)
    primary.kill()
    (primary.data / "global" / "pg_control").unlink()
    said: list[str] = []

    Cluster(cluster.folders.root, said.append).up(NAMES)

    assert "the primary does not start again" in said[0]
    assert cluster.is_in_sync()


def test_a_damaged_description_says_what_to_do(cluster: Cluster) -> None:
    description = cluster.folders.topology.read_bytes()
    cluster.folders.topology.write_text("")
    try:
        for look in (lambda: cluster.is_whole(NAMES), lambda: cluster.up(NAMES), cluster.is_in_sync):
            with pytest.raises(LocalError, match="is damaged: remove the database with `make down`"):
                look()
    finally:
        cluster.folders.topology.write_bytes(description)


def test_another_users_data_are_named_in_one_line(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *arguments: object, **options: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)

    with pytest.raises(LocalError, match=r"belongs to another user .*: run this as the user who started"):
        cluster.is_whole(NAMES)


@pytest.mark.parametrize("change", [Cluster.rebuild_standby, Cluster.ensure_replica_follows], ids=lambda c: c.__name__)
def test_a_change_waits_for_another_as_long_as_it_is_told(cluster: Cluster, change: Callable[..., object]) -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        with cluster._changing():
            waiting = pool.submit(change, cluster, deadline_seconds=20)
            assert not last_value(waiting.done, deadline_seconds=0.3)

        waiting.result(timeout=20)


def test_leftovers_of_a_killed_run_are_cleaned_up(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    try:
        cluster.up(NAMES)
        cluster.members.node(Role.PRIMARY).kill()
        cluster.folders.topology.unlink()

        cluster.up(NAMES)

        assert cluster.is_in_sync()
    finally:
        cluster.down()
    assert not cluster.folders.base.exists()
    assert list((tmp_path / "processes").iterdir()) == []


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.postgres.configuration.LOCAL", {**LOCAL, "listen_addresses": "203.0.113.1"})
    cluster = Cluster(tmp_path)

    with pytest.raises(LocalError, match="the server node_1 ended: could not bind IPv4 address"):
        cluster.up(NAMES)

    assert not Processes(tmp_path).is_alive("postgres-node_1")
    cluster.down()


def test_down_is_harmless_when_nothing_is_up(tmp_path: Path) -> None:
    Cluster(tmp_path).down()

    with pytest.raises(LocalError, match="there is no database in"):
        Cluster.load(tmp_path)


def test_the_servers_run_after_the_thread_that_started_them_ended(cluster: Cluster) -> None:
    thread = threading.Thread(target=cluster.rebuild_standby)
    thread.start()
    thread.join(timeout=30)

    assert cluster.is_in_sync()


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs PostgreSQL directly")
def test_root_without_user_namespaces_runs_it_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(is_root=True, has_account=True, has_user_namespaces=False, has_setpriv=True)
    programs = replace(find_programs(), privileges=decide_privileges(machine))
    monkeypatch.setattr("local.postgres.preparation.find_programs", lambda: programs)
    monkeypatch.setattr("local.postgres.members.find_programs", lambda: programs)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder))
        try:
            cluster.up(NAMES)
            cluster.fail_over()
            assert cluster.rebuild_standby().method is Method.REWIND
            assert cluster.folders.data("node_1").owner() == "nobody"
        finally:
            cluster.down()


def test_a_folder_that_postgres_cannot_enter_is_named(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user runs PostgreSQL directly")
    machine = Machine(is_root=True, has_account=True, has_user_namespaces=False, has_setpriv=True)
    tmp_path.chmod(0o700)

    with pytest.raises(LocalError, match=f"PostgreSQL cannot reach {tmp_path}"):
        replace(find_programs(), privileges=decide_privileges(machine)).require_access(tmp_path)
