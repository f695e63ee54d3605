"""probe_database through its handler: on a primary, a replica, a server that hangs, and one that is gone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import LiteralString

import pytest

from local.free_ports import find_free_ports
from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER
from local.postgres.node import Node
from local.postgres.topology import Role
from local.waiting import wait_until
from rds_operations.domain.diagnoses import LINE_CHARACTERS
from rds_operations.domain.errors import InvalidEventError
from tests.integration.clusters import ask, connect
from tests.integration.probed_cluster import REPLICA, Probed, probed_cluster
from tests.samples import sample, sample_names

RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%Hanako%sleep(2.5)'"


@pytest.fixture
def probed(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Probed]:
    with probed_cluster(cluster, monkeypatch) as found:
        yield found


def test_primary_is_writable_and_names_its_replica(probed: Probed) -> None:
    response = probed.ask(probed.cluster.writer, sample("probe_database", "on_demand"))

    (replica,) = response.pop("replicas")
    assert response.pop("connect_ms") >= 0
    assert response.pop("server_version").startswith("16.")
    assert response == {"reachable": True, "writable": True, "in_recovery": False, "error": None}
    assert (replica["name"], replica["state"]) == ("replica_1", "streaming")
    assert replica["replay_lag_bytes"] >= 0
    assert replica["replay_lag_seconds"] is None or replica["replay_lag_seconds"] >= 0


def test_write_is_in_the_log_and_nowhere_in_the_database(probed: Probed) -> None:
    flushed, tables = "SELECT pg_current_wal_flush_lsn()", "SELECT count(*) FROM pg_class"
    with connect(probed.cluster) as master:
        before, tables_before = ask(master, flushed), ask(master, tables)

        response = probed.ask(probed.cluster.writer)

        assert response["writable"] is True
        assert ask(master, f"{flushed} > '{before}'") is True
        assert ask(master, tables) == tables_before


def test_replica_is_reachable_and_not_writable(probed: Probed) -> None:
    response = probed.ask(probed.cluster.replica)

    assert (response["reachable"], response["writable"], response["in_recovery"]) == (True, False, True)
    assert (response["replicas"], response["error"]) == ([], None)


def test_stopped_server_is_an_answer(probed: Probed) -> None:
    replica = probed.cluster.members.node(Role.REPLICA)
    replica.stop()

    response = probed.ask(probed.cluster.replica)

    assert response["reachable"] is False
    assert response["writable"] is response["in_recovery"] is response["server_version"] is None
    assert "cannot be reached" in response["error"]


def test_server_whose_commits_hang_is_not_writable(probed: Probed) -> None:
    probed.cluster.members.node(Role.STANDBY).kill()

    response = probed.ask(probed.cluster.writer)

    assert (response["reachable"], response["writable"], response["in_recovery"]) == (True, False, False)
    assert response["error"] == "it takes no writes: no answer within 2 s"


def test_port_that_nobody_listens_on_is_an_answer(probed: Probed) -> None:
    writer = probed.cluster.writer

    response = probed.ask(Endpoint(writer.host, find_free_ports(1)[0], writer.ca_bundle))

    assert response["reachable"] is False


def test_refused_login_is_an_answer(probed: Probed) -> None:
    with probed.cluster.connect_as_superuser() as superuser:
        superuser.execute("ALTER ROLE langpont_metrics NOLOGIN")
        try:
            response = probed.ask(probed.cluster.writer)
        finally:
            superuser.execute("ALTER ROLE langpont_metrics LOGIN")

    assert response["reachable"] is False
    assert "is not permitted to log in" in response["error"]


def test_server_that_takes_no_more_connections_is_an_answer(probed: Probed) -> None:
    with probed.cluster.connect_as_superuser() as superuser:
        superuser.execute("ALTER ROLE langpont_metrics CONNECTION LIMIT 0")
        try:
            response = probed.ask(probed.cluster.writer)
        finally:
            superuser.execute("ALTER ROLE langpont_metrics CONNECTION LIMIT 10")

    assert response["reachable"] is False
    assert "too many connections" in response["error"]


@pytest.mark.parametrize("name", [name for name in sample_names("probe_database") if name.startswith("diagnose_")])
@pytest.mark.parametrize("node", ["writer", "replica"])
def test_every_diagnosis_is_answered_in_lines_by_every_server(probed: Probed, name: str, node: str) -> None:
    response = probed.ask(getattr(probed.cluster, node), sample("probe_database", name))

    assert response["diagnosis"] == name.removeprefix("diagnose_")
    assert response["error"] is None
    assert response["lines"]
    assert all(0 < len(line) <= LINE_CHARACTERS for line in response["lines"])


def test_replica_names_its_longest_query_without_its_words(probed: Probed) -> None:
    with connect(probed.cluster, probed.cluster.replica) as reader:
        running = Thread(target=reader.execute, args=[b"SELECT 'Hanako', pg_sleep(2.5)"])
        running.start()
        with connect(probed.cluster, probed.cluster.replica) as other:
            # pg_stat_statements shows a text from the end of its first execution on.
            other.execute(b"SELECT 'Taro', pg_sleep(0.01)")
            wait_until("the query", lambda: ask(other, RUNNING) == 1, deadline_seconds=10)
        lines = probed.ask(probed.cluster.writer, {"diagnosis": "replay", "server": REPLICA})["lines"]
        running.join(timeout=10)

    assert re.fullmatch(r"received and not applied yet: .*; the last .* ago; replay is running", lines[0])
    assert re.fullmatch(
        rf"longest query here: {MASTER_USER}, pid [0-9]+, for 00:00:0[0-9]: SELECT \$1, pg_sleep\(\$2\)", lines[1]
    )
    assert "Hanako" not in "".join(lines)


@contextmanager
def receiving_nothing(replica: Node) -> Iterator[None]:
    """Part a replica from its primary, as one that reads from the archive is."""
    _restart(replica, "ALTER SYSTEM SET primary_conninfo = ''")
    try:
        yield
    finally:
        _restart(replica, "ALTER SYSTEM RESET primary_conninfo")


def _restart(node: Node, statement: LiteralString) -> None:
    with node.session() as superuser:
        superuser.execute(statement)
    node.stop()
    node.start()


def test_replica_that_receives_nothing_says_so(probed: Probed) -> None:
    with receiving_nothing(probed.cluster.members.node(Role.REPLICA)):
        replay, replication = (
            probed.ask(probed.cluster.writer, {"diagnosis": kind, "server": REPLICA})["lines"]
            for kind in ("replay", "replication")
        )

    assert replay[0].startswith(
        "received and not applied yet: unknown, because it receives nothing; the last transaction "
    )
    assert replication[0] == "write-ahead log: unknown, because it receives nothing"


def test_server_that_nobody_knows_is_refused(probed: Probed) -> None:
    with pytest.raises(InvalidEventError, match="server is 'other', allowed: one of langpont-prod-db, langpont-prod-r"):
        probed.ask(probed.cluster.writer, {"diagnosis": "replay", "server": "other"})


def test_connections_are_counted_by_role_and_state(probed: Probed) -> None:
    with connect(probed.cluster), connect(probed.cluster):
        lines = probed.ask(probed.cluster.writer, {"diagnosis": "connections"})["lines"]

    assert re.fullmatch(r"[0-9]+ of [0-9]+ connections are in use", lines[0])
    assert any(re.fullmatch(rf"{MASTER_USER}, idle: [2-9], for 00:00:[0-9]+ at most", line) for line in lines)


def test_top_statements_hold_nothing_that_users_wrote(probed: Probed) -> None:
    with connect(probed.cluster) as master:
        for _ in range(50):
            master.execute(b"SELECT 'a secret of Hanako', pg_sleep(0.01) /* session of Hanako */")

        lines = probed.ask(probed.cluster.writer, {"diagnosis": "statements"})["lines"]

    assert any("pg_sleep(" in line for line in lines)
    assert not any("Hanako" in line for line in lines)


def test_statement_that_runs_now_is_told_without_its_words(probed: Probed) -> None:
    with connect(probed.cluster) as master:
        running = Thread(target=master.execute, args=[b"SELECT 'Hanako', pg_sleep(2.5)"])
        running.start()
        with connect(probed.cluster) as other:
            other.execute(b"SELECT 'Taro', pg_sleep(0.01)")
            other.execute(b"SELECT pg_sleep(0.3)")
        lines = probed.ask(probed.cluster.writer, {"diagnosis": "statements"})["lines"]
        running.join(timeout=10)

    assert re.fullmatch(r"runs now in 1 sessions, for 00:00:0[0-9] at most: SELECT \$1, pg_sleep\(\$2\)", lines[0])


def test_who_blocks_whom_is_told_by_pid_and_role(probed: Probed) -> None:
    with connect(probed.cluster) as holder, connect(probed.cluster) as waiter:
        holder.execute(b"CREATE TEMPORARY TABLE nothing ()")
        holder.execute(b"SELECT pg_advisory_lock(7)")
        waiting = Thread(target=waiter.execute, args=[b"SELECT pg_advisory_lock(7), 'Hanako'"])
        waiting.start()
        with connect(probed.cluster) as third:
            wait_until(
                "the wait",
                lambda: ask(third, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 1,
                deadline_seconds=10,
            )

        [line] = probed.ask(probed.cluster.writer, {"diagnosis": "locks"})["lines"]
        holder.execute(b"SELECT pg_advisory_unlock(7)")
        waiting.join(timeout=10)

    assert f"({MASTER_USER}, " in line
    assert "ExclusiveLock on advisory, held by pid " in line
    assert "Hanako" not in line


def test_diagnosis_of_a_server_that_is_gone_names_the_cause(probed: Probed) -> None:
    probed.cluster.members.node(Role.REPLICA).stop()

    response = probed.ask(probed.cluster.replica, {"diagnosis": "locks"})

    assert (response["lines"], "cannot be reached" in response["error"]) == ([], True)


@pytest.mark.parametrize("event", [{"write": False}, [], "all", {"diagnosis": "everything"}, {"diagnosis": None}])
def test_event_that_asks_for_something_else_is_refused(probed: Probed, event: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^(the event|diagnosis) is .*, allowed: .*one of connections, "):
        probed.ask(probed.cluster.writer, event)
