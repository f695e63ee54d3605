"""S10 on a real server: the template's parameter group starts PostgreSQL 16, and every value reads back equal."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from local.free_ports import find_free_ports
from local.postgres.access import Connection, Endpoint
from local.postgres.certificates import certificate_file, key_file
from local.postgres.configuration import LOCAL, ServerSettings, quoted
from local.postgres.data_directory import initialise
from local.postgres.folders import Folders
from local.postgres.node import Node
from local.postgres.preparation import prepare
from local.processes import Processes
from tests.parameter_group import GIB, UNITS, evaluated, for_postgresql
from tests.stack_plan import root

HOST = "langpont-parameters-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com"
# Buffers of 16 GiB and more do not start on a small machine; tests/unit/test_stack_parameter_group.py counts those.
CASES = {
    "default class": ({}, 4),
    "dev's class": ({"DBInstanceClass": "db.t4g.micro", "MaxConnections": 60, "LogDestination": "stderr"}, 1),
    "staging's class": ({"DBInstanceClass": "db.t4g.small", "MaxConnections": 100}, 2),
    "8 GiB": ({"DBInstanceClass": "db.t3.large"}, 8),
}


def group(values: Mapping[str, object]) -> dict[str, str]:
    parameters: dict[str, str] = root(**values).nested("DatabaseStack").resource("ParameterGroup")["Parameters"]
    return parameters


def configured(node: Node, parameters: Mapping[str, str]) -> str:
    """Return a postgresql.conf of what a machine needs and what the group says, and nothing of the design's own."""
    server = ServerSettings(
        name=node.name,
        port=node.endpoint.port,
        certificate=certificate_file(node.folders.certificates, HOST),
        key=key_file(node.folders.certificates, HOST),
        log_folder=node.folders.log(node.name),
    )
    everything = {**LOCAL, **server.parameters(), "ssl": "on", **parameters}
    return "".join(f"{name} = {quoted(value)}\n" for name, value in everything.items())


def settings(connection: Connection, names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return value and unit of parameters as the server has them."""
    rows = connection.execute(b"SELECT name, setting, unit FROM pg_settings").fetchall()
    return {str(name): (str(setting), str(unit or "")) for name, setting, unit in rows if name in names}


@pytest.fixture(scope="module")
def stopped_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folders = Folders(tmp_path_factory.mktemp("parameter-group"))
    programs = prepare(folders, [HOST], datetime.now(UTC))
    (port,) = find_free_ports(1)
    node = Node("node_1", Endpoint(HOST, port, folders.ca_bundle), folders, programs)
    initialise(node)
    try:
        yield node
    finally:
        Processes(folders.root).stop_leftovers()


@pytest.mark.parametrize(("values", "memory_gib"), CASES.values(), ids=CASES.keys())
def test_group_starts_a_server_and_reads_back_equal(
    stopped_server: Node, values: Mapping[str, object], memory_gib: int
) -> None:
    parameters = group(values)
    translated = for_postgresql(parameters, memory_gib * GIB)
    (stopped_server.data / "postgresql.conf").write_text(configured(stopped_server, translated), encoding="utf-8")

    stopped_server.start()
    try:
        with stopped_server.connect("postgres") as connection:
            found = settings(connection, translated)
    finally:
        stopped_server.stop()

    # pg_settings counts in the units that RDS counts in, and writes booleans as words.
    wanted = {name: evaluated(parameters[name], memory_gib * GIB) for name in translated}
    assert set(found) == set(wanted)
    assert {name: {"on": "1", "off": "0"}.get(value, value) for name, (value, _) in found.items()} == wanted
    assert {name: unit for name, (_, unit) in found.items() if unit} == UNITS


def test_group_of_a_replica_starts_a_server_as_well(stopped_server: Node) -> None:
    replica = root(ReplicaCount=2).nested("DatabaseStack").nested("Replica2Stack")
    translated = for_postgresql(replica.resource("ParameterGroup")["Parameters"], 8 * GIB)
    (stopped_server.data / "postgresql.conf").write_text(configured(stopped_server, translated), encoding="utf-8")

    stopped_server.start()
    try:
        with stopped_server.connect("postgres") as connection:
            found = settings(connection, translated)
    finally:
        stopped_server.stop()

    assert found["max_connections"] == ("300", "")
    assert found["shared_buffers"] == (str(2 * GIB // 8192), "8kB")
