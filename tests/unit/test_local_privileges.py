"""PostgreSQL refuses root and unknown users; whoever runs it, one rule says how."""

import pytest

from local.errors import LocalError
from local.postgres.privileges import NOBODY, Machine, decide_privileges

ALL = {"has_account": True, "has_user_namespaces": True, "has_setpriv": True}
NOTHING = {"has_account": False, "has_user_namespaces": False, "has_setpriv": False}


def test_an_ordinary_user_runs_it_directly() -> None:
    privileges = decide_privileges(Machine(is_root=False, **ALL))

    assert privileges.prefix == ()
    assert privileges.owner is None


def test_root_runs_it_in_a_user_namespace_and_keeps_its_files() -> None:
    privileges = decide_privileges(Machine(is_root=True, **ALL))

    assert privileges.prefix == ("unshare", "-U", "--map-user=65534", "--map-group=65534")
    assert privileges.owner is None


def test_root_without_namespaces_runs_it_as_nobody_who_owns_the_files() -> None:
    privileges = decide_privileges(Machine(is_root=True, **{**ALL, "has_user_namespaces": False}))

    assert privileges.prefix == ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    assert privileges.owner == NOBODY


def test_a_user_without_an_account_runs_it_in_a_user_namespace() -> None:
    privileges = decide_privileges(Machine(is_root=False, **{**ALL, "has_account": False}))

    assert privileges.prefix[0] == "unshare"


@pytest.mark.parametrize(
    ("machine", "advice"),
    [
        (Machine(is_root=True, **NOTHING), "run this as an ordinary user"),
        (Machine(is_root=False, **NOTHING), "no entry in /etc/passwd"),
    ],
    ids=["root without any way", "unknown user"],
)
def test_a_machine_without_a_way_gets_one_line(machine: Machine, advice: str) -> None:
    with pytest.raises(LocalError, match=advice) as caught:
        decide_privileges(machine)

    assert "\n" not in str(caught.value)
