"""Turns an empty primary into LangPont's database: roles as RDS has them, tables, sample rows.

The application's roles are the deployment's business, as on RDS.
"""

from datetime import datetime
from importlib import resources

import psycopg
from psycopg import sql

from local.errors import LocalError
from local.postgres.access import Connection, within
from local.postgres.credentials import MASTER_USER, REPLICATOR, read_password, write_secret
from local.postgres.folders import Folders
from local.postgres.node import Node
from local.postgres.sample_rows import SAMPLE_TABLES, SampleTable

DATABASE = "langpont"

_PASSWORD_DEADLINE_SECONDS = 30.0


def seed(primary: Node, now: datetime) -> None:
    """Create RDS's roles, the database, tables and some 30,000 rows of the last 48 hours.

    Args:
        primary: An empty server that takes writes.
        now: The end of the 48 hours.
    """
    with primary.connect() as superuser:
        _run_script(superuser, "roles.sql")
        for role in (REPLICATOR, MASTER_USER):
            set_role_password(superuser, primary.folders, role, read_password(primary.folders, role))
        superuser.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(MASTER_USER))
        )
    with primary.connect(DATABASE) as superuser:
        # Not a trusted extension: on RDS rds_superuser may create it, here only the superuser may.
        superuser.execute("CREATE EXTENSION pg_stat_statements")
    # As the master user, who is no superuser here either: what works here works on RDS.
    admin_password = read_password(primary.folders, MASTER_USER)
    with primary.endpoint.connect(DATABASE, MASTER_USER, admin_password) as admin:
        _run_script(admin, "schema.sql")
        _fill(admin, now)


def set_role_password(
    connection: Connection,
    folders: Folders,
    role: str,
    password: str,
    *,
    deadline_seconds: float = _PASSWORD_DEADLINE_SECONDS,
) -> None:
    """Give a role a password and remember it in its file; the server gets the SCRAM verifier only, so no log shows it.

    Args:
        connection: A connection that may alter the role.
        folders: Where passwords are kept.
        role: An existing role.
        password: Its new password.
        deadline_seconds: How long to wait for it, e.g. for a standby that is gone.

    Raises:
        LocalError: there is no such role, it must not be altered, or the deadline passed.
    """
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
    try:
        with within(connection, f"the role {role} to get its password", deadline_seconds):
            connection.execute(statement)
    except psycopg.Error as error:
        raise LocalError(f"cannot set the password of the role {role}: {str(error).strip()}") from error
    write_secret(folders.password_file(role), password)


def _fill(admin: Connection, now: datetime) -> None:
    with admin.transaction():
        for table in SAMPLE_TABLES:
            _copy(admin, table, now)
    admin.execute("ANALYZE")


def _copy(admin: Connection, table: SampleTable, now: datetime) -> None:
    with admin.cursor() as cursor, cursor.copy(_copy_statement(table)) as copy:
        for row in table.rows(now):
            copy.write_row(row)


def _copy_statement(table: SampleTable) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*table.name), columns)


def _run_script(connection: Connection, name: str) -> None:
    script = resources.files("local.postgres").joinpath("sql", name).read_text(encoding="utf-8")
    with connection.transaction():
        # Without parameters, psycopg sends the whole script at once.
        connection.execute(script.encode())
