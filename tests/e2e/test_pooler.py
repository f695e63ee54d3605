"""The pooler of the environment: what environment.json says of it, and what `make pgbouncer` writes for the stack."""

import json
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from local.checkout import Checkout
from local.demo.scene import Scene
from local.lifecycle import Lifecycle
from local.pooler.configuration import CONFIGURATION, USERS
from local.pooler.program import HOW_TO_INSTALL, PoolerProgram, find_pgbouncer
from local.pooler.rendering import Wishes, write_configuration
from local.postgres.programs import find_programs
from local.redrive.places import embedded_place
from local.waiting import last_value


@pytest.fixture
def program() -> PoolerProgram:
    found = find_pgbouncer()
    if found is None:
        pytest.skip(HOW_TO_INSTALL)
    return found


def _password(scene: Scene, secret: str) -> str:
    answer = scene.aws.secrets.get_secret_value(SecretId=scene.stack.physical_id(secret))
    return str(json.loads(answer["SecretString"])["password"])


@pytest.mark.parametrize(
    ("database", "secret", "in_recovery"),
    [("langpont_master", "AppRoleSecret", False), ("langpont_replica", "ReadonlyRoleSecret", True)],
)
def test_environment_file_is_enough_to_go_through_the_pooler(
    scene: Scene, checkout: Checkout, program: PoolerProgram, database: str, secret: str, *, in_recovery: bool
) -> None:
    pooler = json.loads(checkout.environment_file.read_text(encoding="utf-8"))["pgbouncer"]
    parameters = {"host": pooler["endpoint"], "hostaddr": pooler["host"], "port": str(pooler["port"])}
    login = {"dbname": database, "user": pooler["databases"][database], "password": _password(scene, secret)}

    conninfo = make_conninfo(**parameters, **login, sslmode="verify-full", sslrootcert=pooler["ca_bundle"])
    with psycopg.connect(conninfo, prepare_threshold=None) as connection:
        row = connection.execute("SELECT pg_is_in_recovery(), current_user").fetchone()

    assert row == (in_recovery, pooler["databases"][database])


def test_list_of_users_beside_its_configuration_lets_the_application_see_the_pools(
    scene: Scene, program: PoolerProgram
) -> None:
    pooler = scene.environment.pgbouncer
    assert pooler is not None
    users = Path(pooler.configuration).with_name(USERS).read_text(encoding="utf-8")
    password = dict(line.split() for line in users.splitlines())['"langpont_app"'].strip('"')

    conninfo = make_conninfo(
        f"host={pooler.endpoint} hostaddr={pooler.host} dbname=pgbouncer user=langpont_app sslmode=verify-full",
        port=str(pooler.port),
        password=password,
        sslrootcert=pooler.ca_bundle,
    )
    # Its own database knows no transactions, and of the protocol the simple one only.
    with psycopg.connect(conninfo, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        shown = connection.execute("SHOW POOLS").fetchall()

    assert "pgbouncer" in [pool[0] for pool in shown]


def test_second_up_leaves_the_pooler_where_it_is(lifecycle: Lifecycle, scene: Scene, program: PoolerProgram) -> None:
    again = lifecycle.start_pooler(embedded_place(scene.environment))

    assert again == scene.environment.pgbouncer


def test_configuration_for_the_stack_starts_a_pooler(scene: Scene, program: PoolerProgram, tmp_path: Path) -> None:
    folder = write_configuration(embedded_place(scene.environment), Checkout(tmp_path), Wishes(), lambda _: None)
    command = [*find_programs().privileges.prefix, str(program.path), str(folder / CONFIGURATION)]
    find_programs().give(folder, *folder.iterdir())

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd="/") as pooler:
        assert pooler.stderr is not None
        lines = [last_value(pooler.stderr.readline, deadline_seconds=10)]
        while "process up" not in lines[-1] and lines[-1]:
            lines.append(pooler.stderr.readline())
        pooler.kill()

    assert "process up" in lines[-1]
