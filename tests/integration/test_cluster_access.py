"""The embedded servers are reached as on AWS: TLS, the endpoint's own certificate, SCRAM, the right roles."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from local.errors import LocalError
from local.postgres.access import Endpoint
from local.postgres.certificates import issue_certificates
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.seed import DATABASE
from local.postgres.topology import Role
from tests.integration.clusters import NAMES, ask, connect


def test_every_design_parameter_is_accepted_by_the_server(cluster: Cluster) -> None:
    with cluster.connect_as_superuser() as superuser:
        refused = superuser.execute("SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL").fetchall()
        shared_buffers = ask(superuser, "SELECT setting FROM pg_settings WHERE name = 'shared_buffers'")

    assert refused == []
    assert shared_buffers == "131072"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"host": NAMES.replica}, "does not match host name"),
        ({"sslrootcert": "system"}, "certificate verify failed"),
        ({"sslmode": "disable"}, "no encryption"),
        ({"password": "wrong"}, "password authentication failed"),
    ],
    ids=["another name", "another authority", "no TLS", "wrong password"],
)
def test_the_writer_endpoint_refuses(cluster: Cluster, change: dict[str, str], complaint: str) -> None:
    right = {
        "host": cluster.writer.host,
        "hostaddr": cluster.writer.host_address,
        "port": str(cluster.writer.port),
        "user": MASTER_USER,
        "dbname": DATABASE,
        "password": read_password(cluster.folders, MASTER_USER),
        "sslmode": "verify-full",
        "sslrootcert": str(cluster.writer.ca_bundle),
    }

    with pytest.raises(psycopg.OperationalError, match=complaint):
        psycopg.connect(**{**right, **change})  # type: ignore[arg-type]


def test_a_foreign_authority_of_the_same_kind_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    issue_certificates(tmp_path, [NAMES.primary], datetime.now(UTC))
    writer = Endpoint(cluster.writer.host, cluster.writer.port, tmp_path / "ca.pem")

    with pytest.raises(LocalError, match="certificate verify failed"):
        connect(cluster, writer)


def test_a_password_that_is_set_works_and_is_in_no_log(cluster: Cluster) -> None:
    password = "a 'quoted' \\ pass:word"

    cluster.set_role_password(MASTER_USER, password)

    with cluster.writer.connect(DATABASE, MASTER_USER, password) as connection:
        assert ask(connection, "SELECT current_user::text") == MASTER_USER
    assert cluster.folders.password_file(MASTER_USER).read_text() == f"{password}\n"
    logs = cluster.folders.base.glob("*/log/*")
    assert not any("pass:word" in log.read_text(errors="replace") for log in logs)


def test_a_statement_ends_at_its_deadline(cluster: Cluster) -> None:
    password = read_password(cluster.folders, MASTER_USER)
    with (
        cluster.writer.connect(DATABASE, MASTER_USER, password, statement_timeout_seconds=0.05) as connection,
        pytest.raises(psycopg.errors.QueryCanceled),
    ):
        connection.execute("SELECT pg_sleep(60)")

    with cluster.connect_as_superuser() as superuser:
        assert ask(superuser, "SHOW statement_timeout") == "30s"


def test_a_password_does_not_wait_for_ever_for_a_standby_that_is_gone(cluster: Cluster) -> None:
    password = read_password(cluster.folders, MASTER_USER)
    cluster.members.node(Role.STANDBY).kill()

    with pytest.raises(LocalError, match=r"waited for the role langpont_admin to get its password; .* within 0\.3 s"):
        cluster.set_role_password(MASTER_USER, password, deadline_seconds=0.3)


def test_what_the_driver_complains_about_is_one_line_with_the_servers_name(cluster: Cluster) -> None:
    primary = cluster.members.node(Role.PRIMARY)

    with (
        pytest.raises(LocalError, match=r'^the server node_[12]: column "nonsense" does not exist$') as caught,
        primary.session() as connection,
    ):
        connection.execute("SELECT nonsense")

    assert isinstance(caught.value.__cause__, psycopg.Error)


def test_a_server_that_goes_away_before_its_promotion_is_named(cluster: Cluster) -> None:
    standby = cluster.members.node(Role.STANDBY)
    with standby.connect() as connection:
        standby.kill()

        with pytest.raises(LocalError, match=f"the server {standby.name}: "):
            standby.promote(connection)


def test_a_password_for_an_unknown_role_is_an_error(cluster: Cluster) -> None:
    with pytest.raises(LocalError, match="cannot set the password of the role nobody_knows"):
        cluster.set_role_password("nobody_knows", "secret")
