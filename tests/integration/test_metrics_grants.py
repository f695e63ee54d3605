"""The metrics role may read what the metrics read, and nothing else; it writes to the table of drills alone."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from local.postgres.access import Connection
from rds_operations.domain.drill_writes import DRILL_RIGHTS
from rds_operations.domain.metric_queries import Node
from tests.integration.conftest import PostgresServer
from tests.integration.measuring import QUERIES, metrics_database_of, rows, running, until

TABLES = {
    "analytics.analytics_events": {"SELECT"},
    "monitoring.analysis_activity_log": {"SELECT"},
    "translations.translation_history": {"SELECT"},
}
# How far they are used up: no right to take a number from them.
SEQUENCES = [f"{table}_id_seq" for table in TABLES]
# Of pg_monitor, beyond what everybody may: statistics and settings, and lists of the server's own files.
SERVER_VIEWS = {"pg_backend_memory_contexts", "pg_shmem_allocations"}
SERVER_FUNCTIONS = {
    "pg_get_backend_memory_contexts()",
    "pg_get_shmem_allocations()",
    "pg_ls_archive_statusdir()",
    "pg_ls_logdir()",
    "pg_ls_logicalmapdir()",
    "pg_ls_logicalsnapdir()",
    "pg_ls_replslotdir(text)",
    "pg_ls_tmpdir()",
    "pg_ls_tmpdir(oid)",
    "pg_ls_waldir()",
}
MEMBERSHIPS = {"pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"}
SETTINGS = ["default_transaction_read_only=on", "statement_timeout=30s", "lock_timeout=1s"]
SECRET = "4111-1111-1111-1111"

_RELATIONS = """
SELECT class.oid::regclass::text, privilege
FROM pg_class AS class,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
WHERE class.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND has_table_privilege('langpont_metrics', class.oid, privilege)
  AND NOT has_table_privilege('public', class.oid, privilege)
"""
_COLUMNS = """
SELECT class.oid::regclass::text FROM pg_class AS class
WHERE class.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND has_any_column_privilege('langpont_metrics', class.oid, 'SELECT')
  AND NOT has_table_privilege('langpont_metrics', class.oid, 'SELECT')
  AND NOT has_any_column_privilege('public', class.oid, 'SELECT')
"""
_SEQUENCES = """
SELECT class.oid::regclass::text, privilege
FROM pg_class AS class, unnest(ARRAY['SELECT', 'UPDATE', 'USAGE']) AS privilege
WHERE CASE WHEN class.relkind = 'S' THEN has_sequence_privilege('langpont_metrics', class.oid, privilege) END
"""
_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE has_function_privilege('langpont_metrics', oid, 'EXECUTE')
  AND NOT has_function_privilege('public', oid, 'EXECUTE')
"""
_SCHEMAS = """
SELECT nspname, privilege FROM pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) AS privilege
WHERE has_schema_privilege('langpont_metrics', oid, privilege) AND NOT has_schema_privilege('public', oid, privilege)
"""
_MEMBERSHIPS = """
SELECT rolname FROM pg_roles WHERE pg_has_role('langpont_metrics', oid, 'MEMBER') AND rolname <> 'langpont_metrics'
"""
_ATTRIBUTES = """
SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls, rolconfig
FROM pg_roles WHERE rolname = 'langpont_metrics'
"""


@pytest.fixture
def superuser(postgres_server: PostgresServer) -> Iterator[Connection]:
    with postgres_server.connect_as_superuser() as connection:
        yield connection


@pytest.fixture
def metrics_role(postgres_server: PostgresServer) -> Iterator[Connection]:
    """A session that could write if its role had the right to."""
    server = postgres_server
    with server.node.endpoint.connect(server.database, server.metrics_user, server.metrics_password) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


def listed(connection: Connection, query: str) -> set[str]:
    return {str(row[0]) for row in connection.execute(query.encode())}


def test_tables_are_those_of_the_list(superuser: Connection) -> None:
    found: dict[str, set[str]] = {}
    for relation, privilege in superuser.execute(_RELATIONS.encode()):
        found.setdefault(str(relation), set()).add(str(privilege))

    assert found.pop("langpont_drill_writes") == set(DRILL_RIGHTS)
    assert found == {**TABLES, **{view: {"SELECT"} for view in SERVER_VIEWS}}
    assert listed(superuser, _COLUMNS) == set()


def test_listed_tables_are_read_by_a_query_each() -> None:
    statements = [query.sql for query in QUERIES.values()]

    assert [table for table in TABLES if not any(table in statement for statement in statements)] == []


def test_schemas_sequences_and_functions_are_those_of_the_list(superuser: Connection) -> None:
    assert sorted(superuser.execute(_SCHEMAS.encode())) == [
        (schema, "USAGE") for schema in ("analytics", "monitoring", "public", "translations")
    ]
    assert sorted(superuser.execute(_SEQUENCES.encode())) == [(sequence, "SELECT") for sequence in SEQUENCES]
    assert listed(superuser, _FUNCTIONS) == SERVER_FUNCTIONS


def test_memberships_and_attributes_are_those_of_the_list(superuser: Connection) -> None:
    assert listed(superuser, _MEMBERSHIPS) == MEMBERSHIPS
    assert superuser.execute(_ATTRIBUTES.encode()).fetchone() == (False, SETTINGS)


def test_every_query_of_the_primary_runs_with_these_rights(postgres_server: PostgresServer) -> None:
    database = metrics_database_of(postgres_server)

    for query in QUERIES.values():
        if query.node is not Node.REPLICA:
            rows(database, query.name)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.not_for_metrics",
        "SELECT last_value FROM public.not_for_metrics_id_seq",
        "SELECT nextval('public.not_for_metrics_id_seq')",
        "SELECT nextval('translations.translation_history_id_seq')",
        "SELECT setval('translations.translation_history_id_seq', 1)",
        "INSERT INTO translations.translation_history (source_language) VALUES ('ja')",
        "UPDATE monitoring.analysis_activity_log SET error_occurred = false",
        "DELETE FROM analytics.analytics_events",
        "TRUNCATE analytics.analytics_events",
        "CREATE TABLE public.mine (id integer)",
        "CREATE TABLE analytics.mine (id integer)",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_statistic",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'postgres'",
        "SELECT pg_stat_reset()",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SET ROLE langpont_admin",
        "ALTER ROLE langpont_metrics CREATEDB",
    ],
)
def test_role_is_denied(statement: str, superuser: Connection, metrics_role: Connection) -> None:
    superuser.execute("CREATE TABLE public.not_for_metrics (id serial)")
    try:
        with pytest.raises(errors.InsufficientPrivilege):
            metrics_role.execute(statement.encode())
    finally:
        superuser.execute("DROP TABLE public.not_for_metrics")


@pytest.mark.parametrize("statement", ["DELETE FROM translations.translation_history", "SELECT lo_create(0)"])
def test_role_writes_nothing_by_itself(statement: str, postgres_server: PostgresServer) -> None:
    server = postgres_server
    with (
        server.node.endpoint.connect(server.database, server.metrics_user, server.metrics_password) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute(statement.encode())


def test_literals_of_running_queries_are_in_no_value(postgres_server: PostgresServer, superuser: Connection) -> None:
    database = metrics_database_of(postgres_server)
    query = f"SELECT pg_sleep(60) /* {SECRET} */"
    runs = "SELECT 1 FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()"

    with postgres_server.connect_as_superuser() as session, running(session, query):
        until("the query to run", lambda: superuser.execute(runs, [f"%{SECRET}%"]).fetchone())
        found = [rows(database, each.name) for each in QUERIES.values() if each.node is not Node.REPLICA]

    assert SECRET not in repr(found)
