"""The embedded cluster comes up and goes down whatever was there before, under any user that PostgreSQL accepts."""

import os
import tempfile
import threading
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
from tests.integration.clusters import NAMES


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
