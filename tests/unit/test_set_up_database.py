"""What the set-up of a database does, reports and raises."""

import json
from dataclasses import replace

import pytest

from rds_operations.domain.database_objects import DatabaseObject, DatabaseRole, DatabaseState, ObjectKind
from rds_operations.domain.database_roles import APP_ROLE, METRICS_ROLE, METRICS_TABLES, READONLY_ROLE
from rds_operations.domain.errors import PartialFailureError, RefusedError, RetryableError
from rds_operations.domain.setup_changes import Grant, LimitRole, MakeExtension, SetForRole
from rds_operations.runtime.events.no_input import require_no_input
from rds_operations.usecases.set_up_database import DatabaseSetupRun, set_up_database
from tests.database_setup import PASSWORDS, ROLES, role_passwords
from tests.fakes.database import FakeDatabase
from tests.samples import sample, sample_names

GROUPS = {"pg_monitor": DatabaseRole(), "rds_iam": DatabaseRole(), "langpont_admin": DatabaseRole(can_log_in=True)}
PUBLIC_DATABASE = {"PUBLIC": frozenset({"CONNECT", "TEMPORARY"})}
NEW = DatabaseState(
    database="langpont",
    roles=GROUPS,
    objects=(
        DatabaseObject(ObjectKind.DATABASE, ("langpont",), rights=PUBLIC_DATABASE),
        DatabaseObject(ObjectKind.SCHEMA, ("public",), rights={"PUBLIC": frozenset({"USAGE"})}),
        *(DatabaseObject(ObjectKind.SCHEMA, (schema,)) for schema, _ in METRICS_TABLES),
        *(DatabaseObject(ObjectKind.TABLE, table) for table in METRICS_TABLES),
    ),
)


def run(database: FakeDatabase, version: str = "v1") -> DatabaseSetupRun:
    return set_up_database(ROLES, role_passwords(version=version), database)


def outcomes(run: DatabaseSetupRun) -> dict[str, str]:
    return {result.step: result.outcome for result in run.results}


def test_new_database_gets_everything_and_a_second_run_changes_nothing() -> None:
    database = FakeDatabase(NEW)

    first, second = run(database), run(database)

    assert set(outcomes(first).values()) == {"done"}
    assert second.as_response()["changed"] == 0
    assert second.as_response()["unchanged"] == len(first.outcomes)
    assert second.waiting_for == ()


def test_every_role_is_there_and_limited_afterwards() -> None:
    database = FakeDatabase(NEW)

    run(database)

    found = {name: database.now.roles[name] for name in (APP_ROLE, READONLY_ROLE, METRICS_ROLE)}
    assert {name: role.connection_limit for name, role in found.items()} == {
        APP_ROLE: 270,
        READONLY_ROLE: 270,
        METRICS_ROLE: 10,
    }
    assert all(role.can_log_in and "statement_timeout" in role.settings for role in found.values())
    assert found[METRICS_ROLE].groups == {"pg_monitor"}


def test_response_names_steps_with_outcome_and_detail() -> None:
    response = run(FakeDatabase(NEW)).as_response()

    steps = response["steps"]
    assert isinstance(steps, list)
    assert steps[0] == {"step": "extensions", "outcome": "done", "detail": "pg_stat_statements made in public"}
    assert [step["step"] for step in steps][-1] == "rights of everybody"
    assert all(step["detail"] for step in steps)


def test_response_holds_no_password() -> None:
    done = run(FakeDatabase(NEW))

    said = json.dumps(done.as_response()) + repr(done) + repr(role_passwords())
    assert [password for password in PASSWORDS.values() if password in said] == []


def test_other_version_of_a_secret_changes_the_passwords_alone() -> None:
    database = FakeDatabase(NEW)
    run(database)

    again = run(database, version="v2")

    changed = [step for step, outcome in outcomes(again).items() if outcome == "done"]
    assert changed == [f"password of {role}" for role in (APP_ROLE, READONLY_ROLE, METRICS_ROLE)]


def test_role_that_was_given_too_much_loses_it() -> None:
    database = FakeDatabase(NEW)
    run(database)
    spoilt = DatabaseRole(can_log_in=True, makes_roles=True, connection_limit=270, groups=frozenset({"rds_iam"}))
    database.now = replace(database.now, roles={**database.now.roles, APP_ROLE: spoilt})

    run(database)

    role = database.now.roles[APP_ROLE]
    assert (role.makes_roles, role.groups) == (False, frozenset())


def test_failed_steps_are_raised_together_after_all_were_tried() -> None:
    refused = {MakeExtension: RefusedError("may not"), SetForRole: RefusedError("must not")}
    database = FakeDatabase(NEW, refused=dict(refused))

    done = run(database)

    assert [failure.subject for failure in done.failures] == [
        "extensions",
        "settings of langpont_app",
        "settings of langpont_readonly",
        "settings of langpont_metrics",
    ]
    assert outcomes(done)["rights of everybody"] == "done"
    with pytest.raises(PartialFailureError, match=r"^4 of 19 steps of the database's set-up failed: extensions: may"):
        done.raise_failures()


def test_run_without_failures_raises_nothing() -> None:
    run(FakeDatabase(NEW)).raise_failures()


def test_change_without_effect_is_a_failure() -> None:
    done = run(FakeDatabase(NEW, forgotten=(Grant,)))

    (first, *_) = done.failures
    assert (first.subject, first.code) == ("rights of langpont_app", "without_effect")
    assert "taken, but without effect: CONNECT on database langpont" in first.reason


def test_lost_connection_ends_the_run() -> None:
    database = FakeDatabase(NEW, refused={LimitRole: RetryableError("the connection was lost")})

    with pytest.raises(RetryableError, match="was lost"):
        run(database)


@pytest.mark.parametrize("name", sample_names("set_up_database"))
def test_sample_events_are_understood(name: str) -> None:
    require_no_input(sample("set_up_database", name))
