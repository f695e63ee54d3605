"""Plans the set-up of a database: compares what there is with what there should be, and names each difference.

The steps, in their order:

1. extensions
2. what every session of the database begins with
3. for each role: the role itself, the settings of its sessions, its password, its rights on what there is, its rights
   on what the master user makes later
4. the table that drills write to, which the application may read only
5. what everybody may do is taken away, once those who need it have it by name
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rds_operations.domain.database_objects import PUBLIC, DatabaseObject, DatabaseRole, DatabaseState, ObjectKind
from rds_operations.domain.database_roles import APP_ROLE, METRICS_ROLE, RolePassword, RoleWish
from rds_operations.domain.drill_writes import DRILL_COLUMNS, DRILL_RIGHTS, DRILL_TABLE
from rds_operations.domain.setup_changes import (
    Change,
    Grant,
    GrantByDefault,
    JoinGroup,
    LeaveGroup,
    LimitRole,
    MakeExtension,
    MakeNumberTable,
    MakeRole,
    Revoke,
    SetForDatabase,
    SetForRole,
    SetPassword,
)

EXTENSION_SCHEMA = "public"
# Metrics and diagnosis need it; it is loaded by the parameter group.
EXTENSIONS = ("pg_stat_statements",)
# In no parameter group of RDS (aws: "Unsupported DB Parameter"), so it is the database's own.
DATABASE_SETTINGS = (("default_text_search_config", "pg_catalog.english"),)
# What PostgreSQL gives everybody: to come in, to fill the disk with temporary tables, to look into schema public and,
# where the server was once older than 15, to make tables there.
_EVERYBODYS = (
    (ObjectKind.DATABASE, None, ("CONNECT", "TEMPORARY")),
    (ObjectKind.SCHEMA, (EXTENSION_SCHEMA,), ("CREATE", "USAGE")),
)
# What the application gets on every table of the master user: with it, it could forge what a drill counts.
_NOT_ON_DRILLS = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step.

    Args:
        name: What it is about.
        changes: What has to change; nothing where all is as it should be.
        left_out: Objects on which the master user cannot give rights, because they are somebody else's.
    """

    name: str
    changes: tuple[Change, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetupPlan:
    """The steps, and the tables that rights will be given on once they exist."""

    steps: tuple[SetupStep, ...]
    waiting_for: tuple[str, ...] = ()


def plan_setup(wishes: tuple[RoleWish, ...], passwords: Mapping[str, RolePassword], state: DatabaseState) -> SetupPlan:
    """Return what has to be done to the database.

    Args:
        wishes: The roles that there should be.
        passwords: The passwords that they should have, by role; a role without keeps what it has.
        state: The database as it is.
    """
    steps: list[SetupStep] = [_extensions(state), _database_settings(state)]
    for wish in wishes:
        steps.extend(_role_steps(wish, passwords.get(wish.name), state))
    steps.extend((_drill_table(state), _everybody(state)))
    existing = {table.name for table in state.of_kind(ObjectKind.TABLE)}
    wanted = {table for wish in wishes for table in wish.tables or ()}
    return SetupPlan(tuple(steps), tuple(".".join(table) for table in sorted(wanted - existing)))


def _extensions(state: DatabaseState) -> SetupStep:
    missing = (name for name in EXTENSIONS if name not in state.extensions)
    return SetupStep("extensions", tuple(MakeExtension(name, EXTENSION_SCHEMA) for name in missing))


def _database_settings(state: DatabaseState) -> SetupStep:
    missing = (item for item in DATABASE_SETTINGS if state.settings.get(item[0]) != item[1])
    return SetupStep("settings of the database", tuple(SetForDatabase(state.database, *item) for item in missing))


def _role_steps(wish: RoleWish, password: RolePassword | None, state: DatabaseState) -> Iterator[SetupStep]:
    found = state.roles.get(wish.name, DatabaseRole())
    yield SetupStep(f"role {wish.name}", tuple(_role(wish, found, state)))
    yield SetupStep(
        f"settings of {wish.name}",
        tuple(SetForRole(wish.name, *item) for item in wish.settings.items() if found.settings.get(item[0]) != item[1]),
    )
    if password:
        is_set = found.comment == password.note
        change = SetPassword(wish.name, password.password, password.note)
        yield SetupStep(f"password of {wish.name}", () if is_set else (change,))
    yield _rights(wish, state)
    yield SetupStep(f"later rights of {wish.name}", tuple(_later_rights(wish, state)))


def _role(wish: RoleWish, found: DatabaseRole, state: DatabaseState) -> Iterator[Change]:
    if wish.name not in state.roles:
        yield MakeRole(wish.name)
    is_limited = found.can_log_in and not found.makes_roles and not found.makes_databases
    if not is_limited or found.connection_limit != wish.connection_limit:
        yield LimitRole(wish.name, wish.connection_limit)
    for group in wish.groups:
        if group in state.roles and group not in found.groups:
            yield JoinGroup(wish.name, group)
    for group in wish.foreign_groups:
        if group in found.groups:
            yield LeaveGroup(wish.name, group)


def _rights(wish: RoleWish, state: DatabaseState) -> SetupStep:
    changes: list[Change] = []
    left_out: list[str] = []
    for kind, rights in wish.rights.items():
        lacking = [each for each in state.of_kind(kind) if _concerns(wish, each) and each.lacks(wish.name, rights)]
        left_out.extend(str(each) for each in lacking if not each.is_ours)
        names = tuple(each.name for each in lacking if each.is_ours)
        if names:
            changes.append(Grant(wish.name, rights, kind, names))
    return SetupStep(f"rights of {wish.name}", tuple(changes), tuple(left_out))


def _concerns(wish: RoleWish, each: DatabaseObject) -> bool:
    if each.kind is ObjectKind.TABLE and each.name == DRILL_TABLE:
        return False
    if wish.tables is None or each.kind in {ObjectKind.DATABASE, ObjectKind.SEQUENCE}:
        return True
    if each.kind is ObjectKind.SCHEMA:
        return each.name[0] in {EXTENSION_SCHEMA, *(table[0] for table in wish.tables)}
    return each.name in wish.tables


def _later_rights(wish: RoleWish, state: DatabaseState) -> Iterator[Change]:
    for kind, rights in wish.rights.items():
        given = state.default_rights.get(kind, {}).get(wish.name, frozenset())
        is_for_all = wish.tables is None or kind is ObjectKind.SEQUENCE
        if is_for_all and kind is not ObjectKind.DATABASE and not set(rights) <= given:
            yield GrantByDefault(wish.name, rights, kind)


def _drill_table(state: DatabaseState) -> SetupStep:
    found = next((each for each in state.of_kind(ObjectKind.TABLE) if each.name == DRILL_TABLE), None)
    changes: list[Change] = [] if found else [MakeNumberTable(DRILL_TABLE, DRILL_COLUMNS)]
    if found is None or found.lacks(METRICS_ROLE, DRILL_RIGHTS):
        changes.append(Grant(METRICS_ROLE, DRILL_RIGHTS, ObjectKind.TABLE, (DRILL_TABLE,)))
    if taken := tuple(right for right in _NOT_ON_DRILLS if found is None or not found.lacks(APP_ROLE, (right,))):
        changes.append(Revoke(APP_ROLE, taken, ObjectKind.TABLE, DRILL_TABLE))
    if found and not found.is_ours:
        return SetupStep("table of drills", (), (str(found),) if changes else ())
    return SetupStep("table of drills", tuple(changes))


def _everybody(state: DatabaseState) -> SetupStep:
    changes: list[Change] = []
    for kind, name, rights in _EVERYBODYS:
        for each in state.of_kind(kind):
            given = tuple(right for right in rights if right in each.rights.get(PUBLIC, frozenset()))
            if given and name in (None, each.name):
                changes.append(Revoke(PUBLIC, given, kind, each.name))
    return SetupStep("rights of everybody", tuple(changes))
