"""Reads out of PostgreSQL's catalog what the set-up compares."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rds_operations.domain.database_objects import PUBLIC, DatabaseObject, DatabaseRole, DatabaseState, ObjectKind

type Row = Mapping[str, Any]
type Ask = Callable[[str], Sequence[Row]]

_DATABASE = """
SELECT current_database()::text AS name,
       ARRAY(SELECT extname::text FROM pg_extension) AS extensions,
       coalesce((SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 0), '{}') AS settings
FROM pg_database AS d WHERE d.datname = current_database()
"""

_ROLES = """
SELECT r.rolname::text AS name, r.rolcanlogin AS can_log_in, r.rolcreaterole AS makes_roles,
       r.rolcreatedb AS makes_databases, r.rolconnlimit AS connection_limit,
       coalesce(r.rolconfig, '{}') AS settings, coalesce(shobj_description(r.oid, 'pg_authid'), '') AS comment,
       ARRAY(SELECT g.rolname::text FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
             WHERE m.member = r.oid) AS groups
FROM pg_roles AS r
"""

# One row for each object and right that was given on it. Where nobody gave or took any, the catalog holds NULL, and
# acldefault says what that means. An extension's objects are the extension's business.
_OBJECTS = """
WITH ours AS (
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace AS n
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend AS e
                      WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
), found AS (
    SELECT 'DATABASE' AS kind, ARRAY[d.datname::text] AS name, d.datdba AS owner,
           coalesce(d.datacl, acldefault('d', d.datdba)) AS acl
    FROM pg_database AS d WHERE d.datname = current_database()
    UNION ALL
    SELECT 'SCHEMA', ARRAY[n.nspname::text], n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)) FROM ours AS n
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, ARRAY[n.nspname::text, c.relname::text],
           c.relowner,
           coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))
    FROM pg_class AS c JOIN ours AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
      AND NOT EXISTS (SELECT FROM pg_depend AS e
                      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
)
SELECT f.kind, f.name, pg_has_role(f.owner, 'USAGE') AS is_ours,
       a.grantee = 0 AS is_public, r.rolname::text AS role, a.privilege_type AS "right"
FROM found AS f LEFT JOIN LATERAL aclexplode(f.acl) AS a ON true LEFT JOIN pg_roles AS r ON r.oid = a.grantee
ORDER BY f.kind, f.name
"""

_DEFAULT_RIGHTS = """
SELECT CASE d.defaclobjtype WHEN 'r' THEN 'TABLE' WHEN 'S' THEN 'SEQUENCE' WHEN 'n' THEN 'SCHEMA' END AS kind,
       r.rolname::text AS role, a.privilege_type AS "right"
FROM pg_default_acl AS d CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
WHERE d.defaclrole = current_user::regrole AND d.defaclnamespace = 0 AND d.defaclobjtype IN ('r', 'S', 'n')
"""


def read_state(ask: Ask) -> DatabaseState:
    """Return the database as it is.

    Args:
        ask: Returns the rows of a query.
    """
    (database,) = ask(_DATABASE)
    return DatabaseState(
        database=database["name"],
        extensions=frozenset(database["extensions"]),
        settings=_settings(database["settings"]),
        roles={row["name"]: _role(row) for row in ask(_ROLES)},
        objects=_objects(ask(_OBJECTS)),
        default_rights=_default_rights(ask(_DEFAULT_RIGHTS)),
    )


def _role(row: Row) -> DatabaseRole:
    return DatabaseRole(
        can_log_in=row["can_log_in"],
        makes_roles=row["makes_roles"],
        makes_databases=row["makes_databases"],
        connection_limit=row["connection_limit"],
        settings=_settings(row["settings"]),
        groups=frozenset(row["groups"]),
        comment=row["comment"],
    )


def _settings(assignments: Iterable[str]) -> dict[str, str]:
    """`parameter=value`, as the catalog holds each."""
    return {name: value for name, _, value in (text.partition("=") for text in assignments)}


def _objects(rows: Sequence[Row]) -> tuple[DatabaseObject, ...]:
    is_ours: dict[tuple[str, tuple[str, ...]], bool] = {}
    rights: dict[tuple[str, tuple[str, ...]], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        place = (row["kind"], tuple(row["name"]))
        is_ours[place] = row["is_ours"]
        role = PUBLIC if row["is_public"] else row["role"]
        if role:
            rights[place][role].add(row["right"])
    return tuple(
        DatabaseObject(ObjectKind(kind), name, is_ours[kind, name], _frozen(rights[kind, name]))
        for kind, name in is_ours
    )


def _default_rights(rows: Sequence[Row]) -> dict[ObjectKind, dict[str, frozenset[str]]]:
    rights: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        rights[row["kind"]][row["role"]].add(row["right"])
    return {ObjectKind(kind): _frozen(by_role) for kind, by_role in rights.items()}


def _frozen(rights: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {role: frozenset(given) for role, given in rights.items()}
