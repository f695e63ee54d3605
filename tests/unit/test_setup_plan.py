"""The plan of a set-up: what it changes, what it leaves, and that it always arrives."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain import setup_changes as change
from rds_operations.domain.database_objects import PUBLIC, DatabaseObject, DatabaseRole, DatabaseState, ObjectKind
from rds_operations.domain.database_roles import (
    APP_ROLE,
    METRICS_ROLE,
    METRICS_TABLES,
    READONLY_ROLE,
    RolePassword,
    wanted_roles,
)
from rds_operations.domain.databases import Authentication
from rds_operations.domain.drill_writes import DRILL_TABLE
from rds_operations.domain.setup_plan import SetupPlan, plan_setup
from tests.database_setup import ROLES, role_passwords
from tests.fakes.database import FakeDatabase

WORDS = ("public", "analytics", "translations", "shop")
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "USAGE", "CONNECT", "CREATE", "TEMPORARY")
KNOWN = (APP_ROLE, READONLY_ROLE, METRICS_ROLE, "rds_iam", "pg_monitor", "langpont_admin")

rights = st.dictionaries(st.sampled_from([*KNOWN, PUBLIC]), st.frozensets(st.sampled_from(RIGHTS)), max_size=4)
objects = st.builds(
    DatabaseObject,
    kind=st.sampled_from(ObjectKind),
    name=st.one_of(st.sampled_from([*METRICS_TABLES, DRILL_TABLE]), st.tuples(st.sampled_from(WORDS))),
    is_ours=st.booleans(),
    rights=rights,
)
roles = st.builds(
    DatabaseRole,
    can_log_in=st.booleans(),
    makes_roles=st.booleans(),
    makes_databases=st.booleans(),
    connection_limit=st.integers(-1, 300),
    settings=st.dictionaries(st.sampled_from(["statement_timeout", "lock_timeout"]), st.sampled_from(["60s", "1s"])),
    groups=st.frozensets(st.sampled_from(["rds_iam", "pg_monitor"])),
    comment=st.sampled_from(["", "somebody's", role_passwords()[APP_ROLE].note]),
)
databases = st.builds(
    DatabaseState,
    database=st.just("langpont"),
    extensions=st.frozensets(st.sampled_from(["plpgsql", "pg_stat_statements"])),
    settings=st.dictionaries(st.just("default_text_search_config"), st.sampled_from(["simple", "pg_catalog.english"])),
    roles=st.dictionaries(st.sampled_from(KNOWN), roles),
    objects=st.lists(objects, max_size=8, unique_by=lambda each: (each.kind, each.name)).map(tuple),
    default_rights=st.dictionaries(st.sampled_from(ObjectKind), rights),
)


def changes(plan: SetupPlan) -> list[change.Change]:
    return [each for step in plan.steps for each in step.changes]


def plan(state: DatabaseState, passwords: dict[str, RolePassword] | None = None) -> SetupPlan:
    return plan_setup(ROLES, role_passwords() if passwords is None else passwords, state)


def table(name: str, *, is_ours: bool = True) -> DatabaseObject:
    return DatabaseObject(ObjectKind.TABLE, tuple(name.split(".")), is_ours)


@given(databases)
def test_one_run_arrives_from_anywhere(state: DatabaseState) -> None:
    database = FakeDatabase(state)
    for step in plan(state).steps:
        database.apply(step.changes)

    assert changes(plan(database.now)) == []


@given(databases)
def test_rights_are_only_given_to_the_kits_own_roles(state: DatabaseState) -> None:
    given_to = {each.role for each in changes(plan(state)) if isinstance(each, change.Grant | change.GrantByDefault)}

    assert given_to <= {APP_ROLE, READONLY_ROLE, METRICS_ROLE}


@given(databases)
def test_nothing_is_given_on_what_is_somebody_elses(state: DatabaseState) -> None:
    foreign = {(each.kind, each.name) for each in state.objects if not each.is_ours}

    granted = [
        (each.kind, name) for each in changes(plan(state)) if isinstance(each, change.Grant) for name in each.names
    ]

    assert foreign.isdisjoint(granted)


@given(databases)
def test_metrics_role_never_gets_more_than_its_tables(state: DatabaseState) -> None:
    granted = [
        name
        for each in changes(plan(state))
        if isinstance(each, change.Grant) and each.role == METRICS_ROLE and each.kind is ObjectKind.TABLE
        for name in each.names
    ]

    assert set(granted) <= {*METRICS_TABLES, DRILL_TABLE}


@given(databases)
def test_application_changes_no_row_of_a_drill(state: DatabaseState) -> None:
    database = FakeDatabase(state)
    for step in plan(state).steps:
        database.apply(step.changes)

    (found,) = [each for each in database.now.of_kind(ObjectKind.TABLE) if each.name == DRILL_TABLE]
    assert not found.is_ours or found.rights.get(APP_ROLE, frozenset()).isdisjoint({"INSERT", "UPDATE", "DELETE"})


def test_drill_table_of_somebody_else_is_left_out_by_name() -> None:
    state = DatabaseState("langpont", objects=(table(".".join(DRILL_TABLE), is_ours=False),))

    steps = {step.name: step for step in plan(state).steps}

    assert (steps["table of drills"].changes, steps["table of drills"].left_out) == ((), (".".join(DRILL_TABLE),))
    assert steps[f"rights of {APP_ROLE}"].left_out == ()


@given(databases)
def test_metrics_role_reads_every_sequence_and_takes_no_number(state: DatabaseState) -> None:
    database = FakeDatabase(state)
    for step in plan(state).steps:
        database.apply(step.changes)

    given_now = {
        right
        for each in changes(plan(state))
        if isinstance(each, change.Grant | change.GrantByDefault)
        and (each.role, each.kind) == (METRICS_ROLE, ObjectKind.SEQUENCE)
        for right in each.rights
    }
    readable = [each for each in database.now.of_kind(ObjectKind.SEQUENCE) if each.is_ours]
    assert given_now <= {"SELECT"}
    assert [each for each in readable if each.lacks(METRICS_ROLE, ("SELECT",))] == []
    assert "SELECT" in database.now.default_rights[ObjectKind.SEQUENCE][METRICS_ROLE]


def test_metrics_role_gets_no_later_table() -> None:
    later = [each for each in changes(plan(DatabaseState("langpont"))) if isinstance(each, change.GrantByDefault)]

    assert [(each.kind, each.rights) for each in later if each.role == METRICS_ROLE] == [
        (ObjectKind.SEQUENCE, ("SELECT",))
    ]


def test_everybodys_rights_go_last() -> None:
    state = DatabaseState("langpont", objects=(DatabaseObject(ObjectKind.DATABASE, ("langpont",)),))
    state = replace(state, objects=(replace(state.objects[0], rights={PUBLIC: frozenset({"CONNECT"})}),))

    last = plan(state).steps[-1]

    assert last.changes == (change.Revoke(PUBLIC, ("CONNECT",), ObjectKind.DATABASE, ("langpont",)),)


def test_missing_tables_of_the_metrics_are_waited_for() -> None:
    assert plan(DatabaseState("langpont")).waiting_for == (
        "analytics.analytics_events",
        "monitoring.analysis_activity_log",
        "translations.translation_history",
    )


def test_table_of_somebody_else_is_left_out_by_name() -> None:
    state = DatabaseState("langpont", objects=(table("shop.orders", is_ours=False), table("shop.items")))

    (step,) = [step for step in plan(state).steps if step.name == f"rights of {READONLY_ROLE}"]

    assert step.left_out == ("shop.orders",)
    assert step.changes == (change.Grant(READONLY_ROLE, ("SELECT",), ObjectKind.TABLE, (("shop", "items"),)),)


def test_password_that_is_set_is_not_set_again() -> None:
    state = DatabaseState("langpont", roles={APP_ROLE: DatabaseRole(comment=role_passwords()[APP_ROLE].note)})

    planned = [each.role for each in changes(plan(state)) if isinstance(each, change.SetPassword)]

    assert planned == [READONLY_ROLE, METRICS_ROLE]


def test_role_without_a_secret_keeps_what_it_has() -> None:
    assert not [step.name for step in plan(DatabaseState("langpont"), {}).steps if "password" in step.name]


@pytest.mark.parametrize(
    ("authentication", "groups", "foreign"),
    [(Authentication.IAM, ("pg_monitor", "rds_iam"), ()), (Authentication.SECRET, ("pg_monitor",), ("rds_iam",))],
)
def test_only_a_role_without_a_password_belongs_to_iam(
    authentication: Authentication, groups: tuple[str, ...], foreign: tuple[str, ...]
) -> None:
    app, readonly, metrics = wanted_roles(max_connections=300, metrics_authentication=authentication)

    assert (metrics.groups, metrics.foreign_groups) == (groups, foreign)
    assert "rds_iam" in app.foreign_groups
    assert "rds_iam" in readonly.foreign_groups


def test_group_that_the_server_does_not_know_is_not_joined() -> None:
    by_token = wanted_roles(max_connections=300, metrics_authentication=Authentication.IAM)

    found = changes(plan_setup(by_token, {}, DatabaseState("langpont", roles={"pg_monitor": DatabaseRole()})))

    assert [each.group for each in found if isinstance(each, change.JoinGroup)] == ["pg_monitor"]


@pytest.mark.parametrize(("max_connections", "limit"), [(300, 270), (100, 90), (6, 5), (1, 1)])
def test_application_leaves_a_tenth_of_the_connections(max_connections: int, limit: int) -> None:
    app, readonly, _ = wanted_roles(max_connections=max_connections, metrics_authentication=Authentication.IAM)

    assert app.connection_limit == readonly.connection_limit == limit


def test_changes_say_what_they_are_without_the_password() -> None:
    names = tuple(("shop", f"orders_{number}") for number in range(5))

    assert str(change.Grant("r", ("SELECT",), ObjectKind.TABLE, names)) == (
        "SELECT on table shop.orders_0, shop.orders_1, shop.orders_2 and 2 more"
    )
    assert "word" not in str(change.SetPassword("r", "pass-word!", "note")).removeprefix("took the password")
    assert "pass-word!" not in repr(change.SetPassword("r", "pass-word!", "note"))
