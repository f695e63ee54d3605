"""Composes the statements that make roles, rights and settings what they should be.

Every name and value is quoted by the driver. What PostgreSQL takes as a keyword comes from the lists below.
"""

from collections.abc import Iterable, Sequence

from psycopg import sql

type Statement = sql.Composed
type Name = Sequence[str]

RIGHTS = frozenset({"CONNECT", "CREATE", "DELETE", "INSERT", "SELECT", "TEMPORARY", "UPDATE", "USAGE"})
KINDS = frozenset({"DATABASE", "SCHEMA", "SEQUENCE", "TABLE"})
PUBLIC = "PUBLIC"


def create_extension(name: str, schema: str) -> Statement:
    """Return the statement that makes an extension where there is none."""
    return sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}").format(sql.Identifier(name), sql.Identifier(schema))


def set_for_database(database: str, parameter: str, value: str) -> Statement:
    """Return the statement that gives every new session of a database a value."""
    return sql.SQL("ALTER DATABASE {} SET {} = {}").format(
        *map(sql.Identifier, (database, parameter)), sql.Literal(value)
    )


def create_role(name: str) -> Statement:
    """Return the statement that makes a role that can do nothing yet, not even log in."""
    return sql.SQL("CREATE ROLE {}").format(sql.Identifier(name))


def alter_role(name: str, *, connection_limit: int) -> Statement:
    """Return the statement that lets a role log in, so many times at once, and make neither roles nor databases."""
    return sql.SQL("ALTER ROLE {} LOGIN NOCREATEROLE NOCREATEDB CONNECTION LIMIT {}").format(
        sql.Identifier(name), sql.Literal(connection_limit)
    )


def set_for_role(role: str, parameter: str, value: str) -> Statement:
    """Return the statement that gives every new session of a role a value."""
    return sql.SQL("ALTER ROLE {} SET {} = {}").format(*map(sql.Identifier, (role, parameter)), sql.Literal(value))


def set_verifier(role: str, verifier: str) -> Statement:
    """Return the statement that gives a role a password, of which the server gets and logs the verifier only.

    Args:
        role: An existing role.
        verifier: What `changes.scram_verifier` returned.
    """
    return sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))


def comment_on_role(role: str, comment: str) -> Statement:
    """Return the statement that notes something on a role, for everybody to read."""
    return sql.SQL("COMMENT ON ROLE {} IS {}").format(sql.Identifier(role), sql.Literal(comment))


def join_group(role: str, group: str) -> Statement:
    """Return the statement that makes a role a member of another."""
    return sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(role))


def leave_group(role: str, group: str) -> Statement:
    """Return the statement that ends a membership."""
    return sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), sql.Identifier(role))


def grant(rights: Iterable[str], kind: str, names: Sequence[Name], role: str) -> Statement:
    """Return the statement that gives a role rights.

    Args:
        rights: Of `RIGHTS`.
        kind: Of `KINDS`.
        names: The objects, each by schema and name, or by name.
        role: The role, or `PUBLIC`.

    Raises:
        ValueError: a right or the kind is not known.
    """
    objects = sql.SQL(", ").join(sql.Identifier(*name) for name in names)
    return sql.SQL("GRANT {} ON {} {} TO {}").format(_rights(rights), _kind(kind), objects, _grantee(role))


def revoke(rights: Iterable[str], kind: str, names: Sequence[Name], role: str) -> Statement:
    """Return the statement that takes rights from a role; arguments and errors as `grant`."""
    objects = sql.SQL(", ").join(sql.Identifier(*name) for name in names)
    return sql.SQL("REVOKE {} ON {} {} FROM {}").format(_rights(rights), _kind(kind), objects, _grantee(role))


def grant_by_default(rights: Iterable[str], kind: str, role: str) -> Statement:
    """Return the statement that gives a role rights on what the current user makes later; see `grant`."""
    return sql.SQL("ALTER DEFAULT PRIVILEGES GRANT {} ON {} TO {}").format(
        _rights(rights), _kind(kind, plural=True), _grantee(role)
    )


def emit_message(prefix: str, text: str) -> Statement:
    """Return the statement that writes a message into the write-ahead log as part of its transaction, and nowhere else.

    Args:
        prefix: Who writes; whoever decodes the log may look for it.
        text: The message.
    """
    return sql.SQL("SELECT pg_logical_emit_message(true, {}, {})").format(sql.Literal(prefix), sql.Literal(text))


def _rights(rights: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(_keyword(right, RIGHTS) for right in rights)


def _kind(kind: str, *, plural: bool = False) -> sql.SQL:
    word = _keyword(kind, KINDS)
    return sql.SQL(f"{word.as_string()}S") if plural else word


def _keyword(word: str, known: frozenset[str]) -> sql.SQL:
    if word not in known:
        raise ValueError(f"{word!r} is not one of {', '.join(sorted(known))}")
    return sql.SQL(word)


def _grantee(role: str) -> sql.Composable:
    return sql.SQL(PUBLIC) if role == PUBLIC else sql.Identifier(role)
