"""What each role can do in a real PostgreSQL that was set up, and what it cannot."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import errors

from local.postgres.access import Connection
from rds_operations.domain.database_roles import APP_ROLE, METRICS_ROLE, METRICS_TABLES, READONLY_ROLE, wanted_roles
from rds_operations.domain.databases import Authentication
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.database_setup import PASSWORDS, ROLES, role_passwords, set_up
from tests.functions import FUNCTIONS
from tests.integration.clusters import ask
from tests.integration.conftest import PostgresServer

INSERT = """
INSERT INTO translations.translation_history (source_language, target_language, source_text, engine)
VALUES ('ja', 'en', 'x', 'y')
"""

DENIED = errors.InsufficientPrivilege
READ_ONLY = errors.ReadOnlySqlTransaction


@pytest.fixture(autouse=True, scope="module")
def table_of_no_metric(postgres_server: PostgresServer) -> Iterator[None]:
    """A table that the master user made after the set-up, and that no metric reads."""
    with postgres_server.as_master().connection() as master:
        master.read_only = False
        master.execute(b"CREATE TABLE public.app_secrets (id bigserial PRIMARY KEY, word text)")
        master.execute(b"INSERT INTO public.app_secrets (word) VALUES ('open sesame')")
        yield
        master.execute(b"DROP TABLE public.app_secrets")


@pytest.fixture
def connection(request: pytest.FixtureRequest, postgres_server: PostgresServer) -> Iterator[Connection]:
    """A session of the role that the test names; what it did is undone."""
    role = request.getfixturevalue("role")
    with psycopg.connect(
        host=postgres_server.host,
        hostaddr=postgres_server.host_address,
        port=postgres_server.port,
        dbname=postgres_server.database,
        user=role,
        password=PASSWORDS[role],
        sslrootcert=str(postgres_server.ca_bundle),
        sslmode="verify-full",
    ) as session:
        yield session
        session.rollback()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (APP_ROLE, "SELECT * FROM translations.translation_history LIMIT 1"),
        (APP_ROLE, INSERT),
        (APP_ROLE, "UPDATE translations.translation_history SET engine = 'z' WHERE id = 1"),
        (APP_ROLE, "DELETE FROM translations.translation_history WHERE id = 1"),
        (APP_ROLE, "SELECT * FROM translations.translation_history WHERE id = 1 FOR UPDATE"),
        (APP_ROLE, "INSERT INTO public.app_secrets (word) VALUES ('x')"),
        (APP_ROLE, "SELECT nextval('public.app_secrets_id_seq')"),
        (APP_ROLE, "SELECT * FROM public.langpont_drill_writes"),
        (READONLY_ROLE, "SELECT * FROM translations.translation_history LIMIT 1"),
        (READONLY_ROLE, "SELECT word FROM public.app_secrets"),
        (METRICS_ROLE, "SELECT count(*) FROM translations.translation_history"),
        (METRICS_ROLE, "SELECT count(*) FROM public.pg_stat_statements"),
        (METRICS_ROLE, "SELECT query FROM pg_stat_activity WHERE usename = 'langpont_admin'"),
        (METRICS_ROLE, "SELECT pg_database_size(current_database())"),
        (METRICS_ROLE, "SHOW shared_preload_libraries"),
    ],
)
def test_role_may(connection: Connection, role: str, statement: str) -> None:
    connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("role", "statement", "refusal"),
    [
        (APP_ROLE, "TRUNCATE translations.translation_history", DENIED),
        (APP_ROLE, "DROP TABLE translations.translation_history", DENIED),
        (APP_ROLE, "ALTER TABLE translations.translation_history ADD COLUMN x int", DENIED),
        (APP_ROLE, "CREATE TABLE public.mine (id int)", DENIED),
        (APP_ROLE, "CREATE TABLE translations.mine (id int)", DENIED),
        (APP_ROLE, "CREATE TEMPORARY TABLE mine (id int)", DENIED),
        (APP_ROLE, "CREATE SCHEMA mine", DENIED),
        (APP_ROLE, "CREATE ROLE mine", DENIED),
        (APP_ROLE, "SELECT * FROM pg_authid", DENIED),
        (APP_ROLE, "ALTER ROLE langpont_readonly PASSWORD 'x'", DENIED),
        (APP_ROLE, "ALTER DATABASE langpont SET work_mem = '1GB'", DENIED),
        (APP_ROLE, "SET ROLE langpont_admin", DENIED),
        (APP_ROLE, "COPY (SELECT 1) TO PROGRAM 'cat'", DENIED),
        (APP_ROLE, "SELECT setval('public.app_secrets_id_seq', 1)", DENIED),
        (APP_ROLE, "INSERT INTO public.langpont_drill_writes VALUES (1, 1)", DENIED),
        (APP_ROLE, "UPDATE public.langpont_drill_writes SET sequence = 2", DENIED),
        (APP_ROLE, "DELETE FROM public.langpont_drill_writes", DENIED),
        (READONLY_ROLE, INSERT, READ_ONLY),
        (READONLY_ROLE, "UPDATE translations.translation_history SET engine = 'z'", READ_ONLY),
        (READONLY_ROLE, "SELECT * FROM pg_authid", DENIED),
        (READONLY_ROLE, "SELECT nextval('public.app_secrets_id_seq')", DENIED),
        (METRICS_ROLE, "SELECT word FROM public.app_secrets", DENIED),
        (METRICS_ROLE, "DELETE FROM translations.translation_history", READ_ONLY),
        (METRICS_ROLE, "SELECT * FROM pg_authid", DENIED),
        (METRICS_ROLE, "SELECT pg_read_file('postgresql.conf')", DENIED),
    ],
)
def test_role_may_not(connection: Connection, role: str, statement: str, refusal: type[psycopg.Error]) -> None:
    with pytest.raises(refusal):
        connection.execute(statement.encode())


@pytest.mark.parametrize("role", [READONLY_ROLE, METRICS_ROLE])
@pytest.mark.parametrize(
    "statement", [INSERT, "DELETE FROM translations.translation_history", "CREATE TABLE public.mine (id int)"]
)
def test_role_that_only_reads_cannot_write_in_a_transaction_that_could(
    connection: Connection, role: str, statement: str
) -> None:
    connection.execute("SET TRANSACTION READ WRITE")

    with pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize("role", [wish.name for wish in ROLES])
def test_every_session_of_a_role_is_limited(connection: Connection, role: str) -> None:
    (wish,) = (wish for wish in ROLES if wish.name == role)
    shown = {name: ask(connection, f"SHOW {name}") for name in wish.settings}

    # PostgreSQL shows 60s as 1min: compared as it reads both.
    for name, value in shown.items():
        connection.execute(f"SET {name} = '{wish.settings[name]}'".encode())
        assert ask(connection, f"SHOW {name}") == value
    assert {"statement_timeout", "lock_timeout"} <= set(shown)


def test_stranger_does_not_even_get_in(postgres_server: PostgresServer) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger-word'")
        try:
            with (
                pytest.raises(Exception, match='permission denied for database "langpont"'),
                postgres_server.place.as_user("stranger", "stranger-word").connection(),
            ):
                pass
        finally:
            superuser.execute("DROP ROLE stranger")


def test_person_inherits_what_the_reading_role_may(postgres_server: PostgresServer) -> None:
    with postgres_server.as_master().connection() as master:
        master.read_only = False
        master.execute(b"CREATE ROLE akiko LOGIN PASSWORD 'akiko-word'; GRANT rds_iam, langpont_readonly TO akiko")
        try:
            with postgres_server.place.as_user("akiko", "akiko-word").connection() as person:
                assert ask(person, "SELECT count(*) FROM analytics.analytics_events")
        finally:
            master.execute(b"DROP ROLE akiko")


def test_metrics_role_logs_in_by_iam_where_there_is_iam(postgres_server: PostgresServer) -> None:
    by_token = wanted_roles(max_connections=300, metrics_authentication=Authentication.IAM)
    passwords = role_passwords()
    del passwords[METRICS_ROLE]
    groups = (
        "SELECT array_agg(g.rolname ORDER BY 1)::text FROM pg_auth_members JOIN pg_roles AS g ON g.oid = roleid "
        "WHERE member = 'langpont_metrics'::regrole"
    )
    with postgres_server.connect_as_superuser() as superuser:
        before = ask(superuser, groups)
        set_up(postgres_server.as_master(), roles=by_token, passwords=passwords).raise_failures()
        with_token = ask(superuser, groups)
        set_up(postgres_server.as_master()).raise_failures()

        assert (before, with_token, ask(superuser, groups)) == ("{pg_monitor}", "{pg_monitor,rds_iam}", "{pg_monitor}")


@pytest.mark.parametrize("role", [APP_ROLE, READONLY_ROLE])
def test_role_with_a_password_is_taken_out_of_iam(postgres_server: PostgresServer, role: str) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute(f"GRANT rds_iam TO {role} GRANTED BY rds_superuser".encode())

        run = set_up(postgres_server.as_master())

        assert [result.detail for result in run.results if result.outcome != "unchanged"] == ["left rds_iam"]
        assert ask(superuser, f"SELECT pg_has_role('{role}', 'rds_iam', 'MEMBER')") is False


def test_table_that_a_metric_waits_for_is_named_and_granted_later(postgres_server: PostgresServer) -> None:
    *others, metrics = ROLES
    later = replace(metrics, tables=(*METRICS_TABLES, ("shop", "orders")))
    wishes = (*others, later)
    master = postgres_server.as_master()

    waiting = set_up(master, roles=wishes)
    with master.connection() as session:
        session.read_only = False
        session.execute(b"CREATE SCHEMA shop; CREATE TABLE shop.orders (id int)")
        try:
            granted = set_up(master, roles=wishes)
        finally:
            session.execute(b"DROP SCHEMA shop CASCADE")

    assert (waiting.waiting_for, waiting.as_response()["changed"]) == (("shop.orders",), 0)
    assert granted.waiting_for == ()
    (change,) = [result for result in granted.results if result.outcome == "done"]
    assert change.step == "rights of langpont_metrics"
    assert "USAGE on schema shop" in change.detail
    assert "SELECT on table shop.orders" in change.detail


def test_table_of_another_owner_is_left_and_named(postgres_server: PostgresServer) -> None:
    with postgres_server.connect_as_superuser() as superuser:
        superuser.execute("CREATE TABLE public.not_the_masters (id int)")
        try:
            run = set_up(postgres_server.as_master())
        finally:
            superuser.execute("DROP TABLE public.not_the_masters")

    run.raise_failures()
    left = [result.step for result in run.results if "public.not_the_masters" in result.detail]
    assert left == ["rights of langpont_app", "rights of langpont_readonly"]
    assert run.as_response()["changed"] == 0


def test_metrics_role_may_read_exactly_what_the_queries_read(postgres_server: PostgresServer) -> None:
    queries = load_metric_queries(FUNCTIONS / "push_metrics" / "queries")
    read: set[tuple[str, str]] = set()
    with postgres_server.connect_as_superuser() as superuser:
        for query in queries:
            superuser.execute(f"CREATE TEMPORARY VIEW what_it_reads AS {query.sql}".encode())
            rows = superuser.execute(
                "SELECT table_schema::text, table_name::text FROM information_schema.view_table_usage "
                "WHERE view_name = 'what_it_reads' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            read |= {(str(schema), str(table)) for schema, table in rows}
            superuser.execute("DROP VIEW what_it_reads")

    assert set(METRICS_TABLES) == read
