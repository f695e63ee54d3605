"""The deployed stack leaves a database that works: roles with the passwords of their secrets, checked, and probed."""

import json
import re

import psycopg
import pytest

from local import database_check
from local.demo.scene import Scene
from local.errors import LocalError
from local.redrive.places import embedded_place
from tests.e2e.rights import without_right

SET_UP, CHECK, PROBE = "SetUpDatabaseFunction", "CheckDatabaseFunction", "ProbeDatabaseFunction"
SECRETS = {
    "langpont_app": "AppRoleSecret",
    "langpont_readonly": "ReadonlyRoleSecret",
    "langpont_metrics": "MetricsSecret",
    "langpont_admin": "MasterSecret",
}


def _password(scene: Scene, role: str) -> str:
    secret = scene.aws.secrets.get_secret_value(SecretId=scene.stack.physical_id(SECRETS[role]))
    return str(json.loads(secret["SecretString"])["password"])


def _connect(scene: Scene, role: str) -> psycopg.Connection:
    postgres = scene.environment.postgres
    return psycopg.connect(
        host=postgres.primary.endpoint,
        hostaddr=postgres.primary.host,
        port=postgres.primary.port,
        dbname=postgres.database,
        user=role,
        password=_password(scene, role),
        sslmode="verify-full",
        sslrootcert=postgres.ca_bundle,
    )


@pytest.mark.parametrize("role", SECRETS)
def test_role_logs_in_with_the_password_of_its_secret(scene: Scene, role: str) -> None:
    with _connect(scene, role) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (role,)


@pytest.mark.parametrize("role", SECRETS)
def test_password_is_of_letters_and_digits_as_the_template_asks(scene: Scene, role: str) -> None:
    assert re.fullmatch("[A-Za-z0-9]{32}", _password(scene, role))


def test_set_up_has_nothing_left_to_do(scene: Scene) -> None:
    response = scene.stack.invoke(SET_UP, {})

    assert (response["changed"], response["waiting_for"]) == (0, [])
    assert {step["outcome"] for step in response["steps"]} == {"unchanged"}


def test_server_is_as_the_deployment_meant_it(scene: Scene) -> None:
    said: list[str] = []

    is_right = database_check.check_database(embedded_place(scene.environment), said.append)

    assert is_right, said
    assert said[-1].endswith("differing: 0.")


def test_database_is_probed_from_inside(scene: Scene) -> None:
    response = scene.stack.invoke(PROBE, {})

    assert (response["reachable"], response["writable"], response["in_recovery"]) == (True, True, False)
    assert [replica["name"] for replica in response["replicas"]] == ["replica_1"]
    assert response["error"] is None


def test_rotated_secret_is_the_roles_password_after_the_set_up(scene: Scene) -> None:
    login = {"username": "langpont_app", "password": "rotatedForTheTest32LettersAndDigits"}
    scene.aws.secrets.put_secret_value(
        SecretId=scene.stack.physical_id("AppRoleSecret"), SecretString=json.dumps(login)
    )
    said: list[str] = []

    database_check.set_up_database(embedded_place(scene.environment), said.append)

    assert said[0] == "password of langpont_app: took the password of its secret"
    with _connect(scene, "langpont_app") as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("langpont_app",)


@pytest.mark.parametrize("function", [SET_UP, CHECK])
def test_function_that_may_not_read_its_secrets_names_the_denial(scene: Scene, function: str) -> None:
    with (
        without_right(scene, function, "secretsmanager:GetSecretValue"),
        pytest.raises(LocalError, match=r"reading the secret .* was denied"),
    ):
        scene.stack.invoke(function, {})


def test_probe_that_may_not_read_its_secret_answers_that(scene: Scene) -> None:
    with without_right(scene, PROBE, "secretsmanager:GetSecretValue"):
        response = scene.stack.invoke(PROBE, {})

    assert response["reachable"] is False
    assert "was denied" in response["error"]
