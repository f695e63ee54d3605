"""Who plays which part survives the file, and a failover swaps two parts only."""

from pathlib import Path

from local.postgres.topology import Role, Server, Topology

TOPOLOGY = Topology(
    servers=(
        Server("node_1", Role.PRIMARY, "db.example", 20_001),
        Server("node_2", Role.STANDBY, "db.example", 20_002),
        Server("replica_1", Role.REPLICA, "replica.example", 20_003),
    ),
    writer_port=20_000,
    in_sync=True,
)


def test_a_failover_swaps_primary_and_standby_only() -> None:
    after = TOPOLOGY.failed_over()

    assert after.server(Role.PRIMARY).name == "node_2"
    assert after.server(Role.STANDBY).name == "node_1"
    assert after.server(Role.REPLICA) == TOPOLOGY.server(Role.REPLICA)
    assert after.writer_port == TOPOLOGY.writer_port


def test_after_a_failover_the_standby_to_be_holds_nothing() -> None:
    assert not TOPOLOGY.failed_over().in_sync


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "topology.json"

    TOPOLOGY.write(path)

    assert Topology.read(path) == TOPOLOGY
