"""What is configured wrongly is one clear error at start; a server that is down is none."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import MetadataRetrievalError
from sqlalchemy import text

from langpont_db import AsyncDatabase, ConfigurationError, Database, Event, Settings, UnreachableError
from langpont_db.environment import read_settings
from local.free_ports import find_free_ports
from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.data_directory import initialise
from local.postgres.folders import Folders
from local.postgres.node import Node
from local.postgres.preparation import prepare
from local.postgres.seed import DATABASE
from local.postgres.topology import Role
from local.processes import Processes
from local.waiting import wait_until
from rds_operations.domain.database_roles import APP_ROLE, READONLY_ROLE
from rds_postgres.tokens import SigningCredentials
from tests.integration.application import DEADLINE_SECONDS, url_of, variables_of, wait_for_replica
from tests.integration.conftest import HOST, PostgresServer


def _complaint(variables: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as raised:
        Database.from_env(variables)
    message = str(raised.value)
    assert "\n" not in message
    assert "Pass" not in message
    return message


@pytest.fixture
def expired(tmp_path: Path) -> Iterator[Endpoint]:
    """A server whose certificate ended a month ago."""
    folders = Folders(tmp_path)
    programs = prepare(folders, [HOST], datetime.now(UTC) - timedelta(days=395))
    (port,) = find_free_ports(1)
    node = Node("node_1", Endpoint(HOST, port, folders.ca_bundle), folders, programs)
    initialise(node)
    try:
        node.start()
        yield node.endpoint
    finally:
        Processes(folders.root).stop_leftovers()


def test_replica_that_is_a_primary_is_refused(cluster: Cluster) -> None:
    variables = variables_of(cluster) | {"DATABASE_REPLICA_URLS": url_of(cluster.writer)}

    place = f"{cluster.writer.host}:{cluster.writer.port}"
    assert _complaint(variables) == f"replica-1: {place} is a primary, allowed: a replica"


def test_primary_that_is_a_replica_is_refused(cluster: Cluster) -> None:
    variables = variables_of(cluster) | {"DATABASE_PRIMARY_URL": url_of(cluster.replica)}

    place = f"{cluster.replica.host}:{cluster.replica.port}"
    assert _complaint(variables) == f"primary: {place} is a replica, allowed: the server that takes writes"


def test_pool_larger_than_the_server_allows_is_refused(cluster: Cluster) -> None:
    complaint = _complaint(variables_of(cluster, DATABASE_PROCESSES="6"))

    assert (
        "6 processes with pools of primary 50 + 1 open up to 306, allowed: 270 (the role's connection limit)"
        in complaint
    )
    assert "replica-1" not in complaint


def test_pools_that_fit_exactly_are_taken(cluster: Cluster) -> None:
    # 5 x (50 + 1) = 255 and 5 x (53 + 1) = 270.
    with closing(Database.from_env(variables_of(cluster, DATABASE_PROCESSES="5", DATABASE_PRIMARY_MAX_OVERFLOW="33"))):
        pass


def test_role_without_a_limit_may_have_what_is_not_reserved(cluster: Cluster) -> None:
    with cluster.connect_as_superuser() as superuser:
        superuser.execute(f"ALTER ROLE {APP_ROLE} CONNECTION LIMIT -1".encode())
    cluster.ensure_replica_follows()

    complaint = _complaint(variables_of(cluster, DATABASE_PROCESSES="6"))

    assert "up to 306, allowed: 297 (max_connections 300 less 3 reserved)" in complaint


def test_wrong_password_is_refused(cluster: Cluster) -> None:
    variables = variables_of(cluster) | {"DATABASE_PRIMARY_URL": url_of(cluster.writer, password="another-Pass9word")}

    complaint = _complaint(variables)

    assert complaint.startswith(
        f"primary: {cluster.writer.host}:{cluster.writer.port} refused {APP_ROLE} on langpont: "
    )
    assert "password authentication failed" in complaint


def test_certificate_of_another_host_is_refused(cluster: Cluster) -> None:
    elsewhere = Endpoint("another.example.com", cluster.writer.port, cluster.writer.ca_bundle)

    complaint = _complaint(variables_of(cluster) | {"DATABASE_PRIMARY_URL": url_of(elsewhere)})

    assert "is not proven to be the database" in complaint
    assert "does not match host name" in complaint


def test_certificate_of_an_untrusted_authority_is_refused(cluster: Cluster) -> None:
    # Without sslrootcert the packaged authorities of Amazon RDS are trusted, which did not sign the local one.
    url = url_of(cluster.writer).replace("sslrootcert=", "application_name=")

    complaint = _complaint(variables_of(cluster) | {"DATABASE_PRIMARY_URL": url})

    assert "certificate verify failed" in complaint


def test_expired_certificate_is_refused(cluster: Cluster, expired: Endpoint) -> None:
    complaint = _complaint(variables_of(cluster) | {"DATABASE_PRIMARY_URL": url_of(expired)})

    assert complaint.startswith(f"primary: {expired.host}:{expired.port} is not proven to be the database: ")
    assert "certificate verify failed" in complaint


def test_host_that_does_not_resolve_is_refused(cluster: Cluster) -> None:
    url = f"postgresql://{APP_ROLE}:secret-Pass@no-such-host.invalid/langpont"

    complaint = _complaint(variables_of(cluster) | {"DATABASE_PRIMARY_URL": url})

    assert complaint.startswith("primary: no-such-host.invalid:5432 cannot be reached: ")


def test_database_that_does_not_exist_is_refused(cluster: Cluster) -> None:
    url = url_of(cluster.writer).replace("/langpont?", "/langport?")

    complaint = _complaint(variables_of(cluster) | {"DATABASE_PRIMARY_URL": url})

    assert 'database "langport" does not exist' in complaint


def test_replica_of_another_database_is_refused(cluster: Cluster, postgres_server: PostgresServer) -> None:
    stranger = Endpoint(postgres_server.host, postgres_server.port, postgres_server.ca_bundle)

    complaint = _complaint(variables_of(cluster) | {"DATABASE_REPLICA_URLS": url_of(stranger, READONLY_ROLE)})

    assert "is of another database, allowed: a replica of the primary" in complaint


def test_every_wrong_server_is_in_the_one_error(cluster: Cluster) -> None:
    variables = {
        "DATABASE_PRIMARY_URL": url_of(cluster.replica),
        "DATABASE_REPLICA_URLS": url_of(cluster.writer),
    }

    complaint = _complaint(variables)

    assert "primary: " in complaint
    assert "; replica-1: " in complaint


def test_application_starts_while_a_replica_is_down(cluster: Cluster) -> None:
    (port,) = find_free_ports(1)
    nobody = Endpoint(cluster.replica.host, port, cluster.replica.ca_bundle)

    with (
        closing(Database.from_env(variables_of(cluster) | {"DATABASE_REPLICA_URLS": url_of(nobody)})) as database,
        database.get_read_session() as session,
    ):
        assert session.scalar(text("SELECT 1")) == 1

    assert database.events.counts[Event.UNREACHABLE_AT_START] == 1


def test_application_starts_while_the_primary_is_down_and_writes_once_it_is_back(cluster: Cluster) -> None:
    primary = cluster.members.node(Role.PRIMARY)
    primary.stop()
    try:
        database = Database.from_env(variables_of(cluster))
    finally:
        primary.start()

    with closing(database):
        assert database.events.counts[Event.UNREACHABLE_AT_START] == 1
        assert database.run_in_transaction(lambda session: session.scalar(text("SELECT pg_is_in_recovery()"))) is False


def test_application_starts_while_a_pooler_lets_it_wait_for_its_server(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A connection that is taken and a question that is not answered, as from a pooler before a frozen server.
    monkeypatch.setattr("langpont_db.start_check._FACTS_QUERY", "SELECT pg_sleep(200)")
    variables = {"DATABASE_PRIMARY_URL": url_of(cluster.writer), "DATABASE_CONNECT_TIMEOUT_SECONDS": "2"}

    with closing(Database.from_env(variables)) as database, database.get_write_session() as session:
        assert session.scalar(text("SELECT 1")) == 1

    assert database.events.counts[Event.UNREACHABLE_AT_START] == 1


def _settings_whose_credentials_fail(cluster: Cluster) -> Settings:
    def fail() -> SigningCredentials:
        raise MetadataRetrievalError(error_msg="no answer")

    variables = variables_of(cluster, DATABASE_LOGIN="iam", DATABASE_REGION="ap-northeast-1")
    return replace(read_settings(variables), credentials=fail)


def test_session_without_credentials_is_told_so_and_the_monitor_goes_on(cluster: Cluster) -> None:
    with closing(Database(_settings_whose_credentials_fail(cluster))) as database:
        for session in (database.get_write_session(), database.get_read_session()):
            with pytest.raises(UnreachableError, match="AWS credentials cannot be fetched"), session:
                session.scalar(text("SELECT 1"))
        counts = database.events.counts

    assert counts[Event.UNREACHABLE_AT_START] == 2
    assert Event.MONITOR_ENDED not in counts


def test_session_of_asyncio_without_credentials_is_told_so(cluster: Cluster) -> None:
    async def use() -> None:
        database = AsyncDatabase(_settings_whose_credentials_fail(cluster))
        with pytest.raises(UnreachableError, match="AWS credentials cannot be fetched"):
            async with database.get_write_session() as session:
                await session.scalar(text("SELECT 1"))
        await database.close()

    asyncio.run(use())


@pytest.mark.parametrize("functions", ["pg_control_system()", "pg_control_system(), pg_control_checkpoint()"])
def test_replica_is_used_where_the_control_file_may_not_be_read(cluster: Cluster, functions: str) -> None:
    with cluster.connect_as_superuser(DATABASE) as superuser:
        superuser.execute(f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC".encode())
    cluster.ensure_replica_follows()

    try:
        with closing(Database.from_env(variables_of(cluster))) as database:
            wait_for_replica(database)
    finally:
        with cluster.connect_as_superuser(DATABASE) as superuser:
            superuser.execute(f"GRANT EXECUTE ON FUNCTION {functions} TO PUBLIC".encode())

    assert database.events.counts[Event.CONTROL_FILE_HIDDEN] == 2


def test_monitor_goes_on_where_the_right_to_the_control_file_is_taken_away(cluster: Cluster) -> None:
    functions = "pg_control_system(), pg_control_checkpoint()"
    with closing(Database.from_env(variables_of(cluster))) as database:
        wait_for_replica(database)
        with cluster.connect_as_superuser(DATABASE) as superuser:
            superuser.execute(f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC".encode())
        try:
            wait_until(
                "the monitor to ask without",
                lambda: all(node.connector.control.hidden for node in database._core.nodes.values()),
                deadline_seconds=DEADLINE_SECONDS,
            )
            wait_for_replica(database)
        finally:
            with cluster.connect_as_superuser(DATABASE) as superuser:
                superuser.execute(f"GRANT EXECUTE ON FUNCTION {functions} TO PUBLIC".encode())

        assert Event.PRIMARY_LOST not in database.events.counts


def test_limits_of_time_are_set_on_every_server(cluster: Cluster) -> None:
    limits = {"DATABASE_STATEMENT_TIMEOUT_SECONDS": "7", "DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_SECONDS": "9"}

    with closing(Database.from_env(variables_of(cluster, **limits))) as database:
        for session in (database.get_write_session(), database.get_read_session()):
            with session:
                assert session.scalar(text("SHOW statement_timeout")) == "7s"
                assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "9s"
