"""A real PgBouncer before the real cluster: who gets in, what is verified, what is shared, what a failover does."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from local.drill.writers import DrillWriters
from local.drill.writes import account
from local.errors import LocalError
from local.pooler.configuration import READER_DATABASE, SERVER_CONNECTIONS, WRITER_DATABASE, Login, Upstreams
from local.pooler.program import Version
from local.pooler.running import LocalPooler
from local.postgres.certificates import issue_certificates
from local.postgres.cluster import Cluster
from local.waiting import wait_until
from rds_operations.domain.database_roles import APP_ROLE, READONLY_ROLE
from tests.database_setup import PASSWORDS
from tests.integration.clusters import ask, connect
from tests.integration.poolers import RunningPooler, pgbouncer_here, start, stop, upstreams_of, with_authorities

CLIENTS = 300


@pytest.fixture
def pooler(cluster: Cluster, tmp_path: Path) -> Iterator[RunningPooler]:
    try:
        yield start(tmp_path, upstreams_of(cluster))
    finally:
        stop(tmp_path)


def test_each_database_leads_to_its_server_as_its_role(pooler: RunningPooler) -> None:
    query = (
        "SELECT concat_ws(' ', session_user, pg_is_in_recovery(), ssl, current_setting('statement_timeout')) "
        "FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    )
    with pooler.connect() as writing, pooler.read() as reading:
        found = [ask(connection, query) for connection in (writing, reading)]

    assert found == [f"{APP_ROLE} f t 1min", f"{READONLY_ROLE} t t 5min"]


@pytest.mark.parametrize(
    ("database", "user"),
    [(WRITER_DATABASE, READONLY_ROLE), (READER_DATABASE, APP_ROLE), ("pgbouncer", READONLY_ROLE)],
)
def test_role_of_one_database_does_not_get_into_another(pooler: RunningPooler, database: str, user: str) -> None:
    with pytest.raises(LocalError, match="cannot connect"):
        pooler.connect(database, user)


def test_wrong_password_is_refused(pooler: RunningPooler) -> None:
    with pytest.raises(LocalError, match="cannot connect"):
        pooler.connect(password="not-the-one")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sslmode": "disable"}, "SSL required"),
        ({"host": "another.example.com"}, "does not match host name"),
        ({"sslrootcert": "system"}, "certificate verify failed"),
    ],
)
def test_client_without_verified_tls_does_not_get_in(
    pooler: RunningPooler, changes: dict[str, str], refusal: str
) -> None:
    access = pooler.access
    parameters = {"host": access.endpoint, "hostaddr": access.host, "port": str(access.port), "dbname": WRITER_DATABASE}
    login = {"user": APP_ROLE, "password": PASSWORDS[APP_ROLE], "sslrootcert": access.ca_bundle}

    with pytest.raises(psycopg.OperationalError, match=refusal):
        psycopg.connect(make_conninfo(**{**parameters, **login, "sslmode": "verify-full", **changes}))


def test_server_of_an_unknown_authority_is_not_trusted(cluster: Cluster, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    issue_certificates(foreign, ["elsewhere"], datetime.now(UTC))
    upstreams = with_authorities(upstreams_of(cluster), (foreign / "ca.pem").read_text(encoding="utf-8"))
    try:
        pooler = start(tmp_path, upstreams)
        with pytest.raises(LocalError, match="cannot connect"):
            pooler.connect()
        log = (tmp_path / "logs" / "pgbouncer.log").read_text(encoding="utf-8")
    finally:
        stop(tmp_path)

    assert "certificate verify failed" in log


def test_three_hundred_clients_share_thirty_server_connections(cluster: Cluster, pooler: RunningPooler) -> None:
    with ExitStack() as clients, connect(cluster) as admin:
        connections = [clients.enter_context(pooler.connect()) for _ in range(CLIENTS - 1)]
        answers = [ask(connection, "SELECT 1") for connection in connections]
        used = ask(admin, "SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'langpont_app'")

    assert answers == [1] * (CLIENTS - 1)
    assert isinstance(used, int)
    assert 0 < used <= SERVER_CONNECTIONS


def test_client_beyond_the_limit_is_told(pooler: RunningPooler) -> None:
    with ExitStack() as clients:
        for _ in range(CLIENTS):
            clients.enter_context(pooler.connect())

        with pytest.raises(LocalError, match="no more connections allowed"):
            pooler.connect()


def test_what_a_session_sets_is_another_clients_afterwards(pooler: RunningPooler) -> None:
    with pooler.connect() as first:
        first.execute("SET work_mem = '1234kB'")
    with pooler.connect() as second:
        leaked = ask(second, "SELECT current_setting('work_mem')")
        second.execute("RESET work_mem")

    # Why the configuration says SET LOCAL: DISCARD ALL is not sent in transaction mode.
    assert leaked == "1234kB"


def test_clients_that_repeat_statements_are_served(pooler: RunningPooler) -> None:
    failures: list[str] = []
    may_prepare = Version.of(pooler.access.version) >= Version(1, 21)

    def repeat() -> None:
        try:
            with pooler.connect() as connection:
                connection.prepare_threshold = 1 if may_prepare else None
                for number in range(20):
                    connection.execute("SELECT %s::int + 1", [number])
        except (psycopg.Error, LocalError) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=repeat) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []


def test_failover_through_the_pooler_loses_no_acknowledged_write(cluster: Cluster, pooler: RunningPooler) -> None:
    with DrillWriters(pooler.connect, lambda: connect(cluster), APP_ROLE) as writers:
        writers.wait_for_further(200)
        cluster.fail_over()
        writers.wait_for_further(200)

    found = account(writers.attempts, writers.present())
    assert found.acknowledged >= 400
    assert found.lost == 0


def test_console_shows_pools_in_transaction_mode_to_the_application(pooler: RunningPooler) -> None:
    with pooler.connect() as connection:
        connection.execute("SELECT 1")
        shown = pooler.show("POOLS")

    pools = {str(pool["database"]): str(pool["pool_mode"]) for pool in shown}
    assert pools[WRITER_DATABASE] == "transaction"


def test_changed_password_counts_after_the_files_are_read_again(
    cluster: Cluster, pooler: RunningPooler, tmp_path: Path
) -> None:
    upstreams = upstreams_of(cluster)
    changed = replace(upstreams, writer=replace(upstreams.writer, login=Login(APP_ROLE, 'another "one"')))
    cluster.set_role_password(APP_ROLE, changed.writer.login.password)
    try:
        again = LocalPooler(tmp_path, pgbouncer_here()).ensure(changed, pooler.access.port)
        wait_until("the new password to count", lambda: _is_admitted(pooler, changed), deadline_seconds=10)
    finally:
        cluster.set_role_password(APP_ROLE, PASSWORDS[APP_ROLE])

    assert again == pooler.access


def test_port_that_is_taken_is_named(cluster: Cluster, pooler: RunningPooler, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        with pytest.raises(LocalError, match=rf"PgBouncer on port {pooler.access.port} ended: "):
            LocalPooler(other, pgbouncer_here()).ensure(upstreams_of(cluster), pooler.access.port)
    finally:
        stop(other)


def _is_admitted(pooler: RunningPooler, upstreams: Upstreams) -> bool:
    """PgBouncer reads its files again a moment after it was told to."""
    try:
        with pooler.connect(password=upstreams.writer.login.password) as connection:
            return ask(connection, "SELECT 1") == 1
    except LocalError:
        return False
