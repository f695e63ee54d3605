"""Statements that change a database: everything in them that comes from outside is quoted."""

from typing import get_args

import pytest
from psycopg import sql

from rds_operations.adapters.postgres_administration import composed
from rds_operations.domain import setup_changes as change
from rds_operations.domain.database_objects import ObjectKind
from rds_postgres import statements

EVIL = 'x"; DROP TABLE users; --'
QUOTED = '"x""; DROP TABLE users; --"'


def text(statement: sql.Composed) -> str:
    return statement.as_string(None)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            change.MakeExtension("pg_stat_statements", "public"),
            'CREATE EXTENSION IF NOT EXISTS "pg_stat_statements" SCHEMA "public"',
        ),
        (
            change.SetForDatabase("langpont", "default_text_search_config", "pg_catalog.english"),
            'ALTER DATABASE "langpont" SET "default_text_search_config" = \'pg_catalog.english\'',
        ),
        (change.MakeRole("app"), 'CREATE ROLE "app"'),
        (change.LimitRole("app", 270), 'ALTER ROLE "app" LOGIN NOCREATEROLE NOCREATEDB CONNECTION LIMIT 270'),
        (change.SetForRole("app", "lock_timeout", "10s"), 'ALTER ROLE "app" SET "lock_timeout" = \'10s\''),
        (change.JoinGroup("app", "pg_monitor"), 'GRANT "pg_monitor" TO "app"'),
        (change.LeaveGroup("app", "rds_iam"), 'REVOKE "rds_iam" FROM "app"'),
        (
            change.Grant("app", ("SELECT", "INSERT"), ObjectKind.TABLE, (("shop", "orders"), ("shop", "items"))),
            'GRANT SELECT, INSERT ON TABLE "shop"."orders", "shop"."items" TO "app"',
        ),
        (
            change.Grant("app", ("CONNECT",), ObjectKind.DATABASE, (("langpont",),)),
            'GRANT CONNECT ON DATABASE "langpont" TO "app"',
        ),
        (
            change.Revoke("PUBLIC", ("CREATE",), ObjectKind.SCHEMA, ("public",)),
            'REVOKE CREATE ON SCHEMA "public" FROM PUBLIC',
        ),
        (
            change.GrantByDefault("app", ("USAGE",), ObjectKind.SCHEMA),
            'ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO "app"',
        ),
    ],
)
def test_change_is_composed(made: change.Change, expected: str) -> None:
    assert text(composed(made)) == expected


def test_every_kind_of_change_has_a_statement() -> None:
    # A password needs the connection that makes its verifier.
    kinds = set(get_args(change.Change.__value__)) - {change.SetPassword}

    assert [kind.__name__ for kind in kinds if composed.dispatch(kind) is composed.dispatch(object)] == []


def test_unknown_change_is_an_error_of_the_programmer() -> None:
    with pytest.raises(NotImplementedError, match="no statement for"):
        composed(change.SetPassword("app", "pass-word", "note"))


@pytest.mark.parametrize(
    "statement",
    [
        statements.create_role(EVIL),
        statements.alter_role(EVIL, connection_limit=1),
        statements.comment_on_role(EVIL, "x"),
        statements.set_verifier(EVIL, "x"),
        statements.set_for_role(EVIL, "lock_timeout", "1s"),
        statements.set_for_role("app", EVIL, "1s"),
        statements.set_for_database(EVIL, "lock_timeout", "1s"),
        statements.create_extension(EVIL, "public"),
        statements.join_group(EVIL, "pg_monitor"),
        statements.leave_group("app", EVIL),
        statements.grant(["SELECT"], "TABLE", [("public", EVIL)], "app"),
        statements.grant_by_default(["SELECT"], "TABLE", EVIL),
        statements.revoke(["SELECT"], "TABLE", [(EVIL, "orders")], "PUBLIC"),
    ],
)
def test_name_cannot_break_out(statement: sql.Composed) -> None:
    assert QUOTED in text(statement)
    assert EVIL not in text(statement).replace(QUOTED, "")


@pytest.mark.parametrize(
    "statement",
    [
        statements.set_verifier("app", "x'; DROP TABLE users; --"),
        statements.comment_on_role("app", "x'; DROP TABLE users; --"),
        statements.set_for_role("app", "lock_timeout", "x'; DROP TABLE users; --"),
        statements.emit_message("kit", "x'; DROP TABLE users; --"),
    ],
)
def test_value_cannot_break_out(statement: sql.Composed) -> None:
    assert "'x''; DROP TABLE users; --'" in text(statement)


@pytest.mark.parametrize(("rights", "kind"), [(["ALL; DROP TABLE users"], "TABLE"), (["SELECT"], "TABLE x TO y; --")])
def test_keyword_that_is_not_known_is_refused(rights: list[str], kind: str) -> None:
    for compose in (statements.grant, statements.revoke):
        with pytest.raises(ValueError, match="is not one of"):
            compose(rights, kind, [("public", "orders")], "app")
    with pytest.raises(ValueError, match="is not one of"):
        statements.grant_by_default(rights, kind, "app")
