"""Who plays which part survives the file, and a failover swaps two parts only."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from local.errors import LocalError
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


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", json.dumps({**asdict(TOPOLOGY), "servers": []}), json.dumps({"servers": [{"role": "queen"}]})],
    ids=["empty", "a list", "no field", "no server", "unknown role"],
)
def test_a_damaged_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "topology.json"
    path.write_text(content)

    with pytest.raises(LocalError, match=r"topology\.json is damaged: remove the database with `make down`"):
        Topology.read(path)
