"""Reads the passwords that roles should have out of their secrets."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from rds_operations.adapters.secrets import SecretLogin, secrets_client
from rds_operations.domain.database_roles import RolePassword
from rds_operations.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def read_role_passwords(
    secret_arns: Mapping[str, str], client: "Callable[[], SecretsManagerClient]" = secrets_client
) -> Mapping[str, RolePassword]:
    """Return the password of each role, in one call each.

    Args:
        secret_arns: The secret of each role, of the form `{"username": "...", "password": "..."}`.
        client: Returns boto3's client of Secrets Manager; asked once.

    Raises:
        RetryableError: Secrets Manager throttled or could not be reached.
        RefusedError: a secret may not be read, or there is none.
        ConfigurationError: a secret is of another form, or another role's.
    """
    shared = cache(client)
    return {role: _password(role, arn, shared) for role, arn in secret_arns.items()}


def _password(role: str, arn: str, client: "Callable[[], SecretsManagerClient]") -> RolePassword:
    login, version = SecretLogin(arn, client).current()
    if login.user != role:
        raise ConfigurationError(f"the secret {arn} is of the role {login.user!r}, allowed: {role}")
    return RolePassword(role, login.password, version)
