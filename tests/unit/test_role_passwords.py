"""The passwords of roles, as their secrets hold them."""

import json
from typing import Any

import pytest

from rds_operations.adapters.role_passwords import read_role_passwords
from rds_operations.domain.database_roles import RolePassword
from rds_operations.domain.errors import ConfigurationError

ARNS = {"langpont_app": "arn:app", "langpont_readonly": "arn:readonly"}


class FakeSecrets:
    """Secrets Manager with one secret for each ARN."""

    def __init__(self, users: dict[str, str]) -> None:
        self._users = users
        self.asked: list[str] = []
        self.made = 0

    def __call__(self) -> Any:
        self.made += 1
        return self

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        self.asked.append(SecretId)
        text = {"username": self._users[SecretId], "password": f"pass-word of {SecretId}", "host": "db.example"}
        return {"SecretString": json.dumps(text), "VersionId": f"version of {SecretId}"}


def test_each_role_has_the_password_and_version_of_its_secret() -> None:
    secrets = FakeSecrets({arn: role for role, arn in ARNS.items()})

    found = read_role_passwords(ARNS, secrets)

    assert found == {role: RolePassword(role, f"pass-word of {arn}", f"version of {arn}") for role, arn in ARNS.items()}


def test_secrets_are_read_once_each_by_one_client() -> None:
    secrets = FakeSecrets({arn: role for role, arn in ARNS.items()})

    read_role_passwords(ARNS, secrets)

    assert (secrets.asked, secrets.made) == (["arn:app", "arn:readonly"], 1)


def test_secret_of_another_role_is_refused_by_name() -> None:
    secrets = FakeSecrets({"arn:app": "langpont_admin", "arn:readonly": "langpont_readonly"})

    with pytest.raises(ConfigurationError) as caught:
        read_role_passwords(ARNS, secrets)

    assert str(caught.value) == "the secret arn:app is of the role 'langpont_admin', allowed: langpont_app"


def test_password_is_in_no_representation() -> None:
    assert "pass-word" not in repr(RolePassword("langpont_app", "pass-word", "v1"))
    assert RolePassword("langpont_app", "pass-word", "v1").note == (
        "Set up by langpont-rds; its password is version v1 of its secret."
    )
