"""Reads a database login out of Secrets Manager.

botocore's session is imported when a secret is first read: a function that logs in by IAM must not pay for it.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rds_operations.adapters.aws_errors import translating
from rds_operations.domain.databases import DatabaseLogin
from rds_operations.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 4
ATTEMPTS = 3


def secrets_client() -> "SecretsManagerClient":
    """Return a client whose calls give up after 21 s at most.

    Three attempts of 2 s to connect and 4 s to answer, 1 s and 2 s between them.
    """
    from rds_operations.adapters.aws_clients import aws_client  # noqa: PLC0415 - see the module

    client: SecretsManagerClient = aws_client(
        "secretsmanager",
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS,
        attempts=ATTEMPTS,
    )
    return client


class SecretLogin:
    """A `LoginSource` that reads the secret anew for each connection, so that a rotation needs no new deployment.

    Args:
        secret_arn: A secret of the form `{"username": "...", "password": "..."}`.
        client: Returns boto3's client of Secrets Manager; asked once.
    """

    def __init__(self, secret_arn: str, client: "Callable[[], SecretsManagerClient]" = secrets_client) -> None:
        self._secret_arn = secret_arn
        self._make_client = client
        self._client: SecretsManagerClient | None = None

    def __call__(self) -> DatabaseLogin:
        """Return the login in the secret; see `current`."""
        login, _ = self.current()
        return login

    def current(self) -> tuple[DatabaseLogin, str]:
        """Return the login in the secret and the id of the secret's version, in one call.

        Raises:
            RetryableError: Secrets Manager throttled or could not be reached.
            RefusedError: the secret may not be read, or there is none.
            ConfigurationError: the secret is of another form.
        """
        if self._client is None:
            self._client = self._make_client()
        with translating(f"reading the secret {self._secret_arn}"):
            answer = self._client.get_secret_value(SecretId=self._secret_arn)
        secret = _parsed(answer.get("SecretString", ""))
        username, password = secret.get("username"), secret.get("password")
        if not (isinstance(username, str) and username and isinstance(password, str) and password):
            allowed = "a JSON object with the texts username and password"
            raise ConfigurationError(f"the secret {self._secret_arn} is of another form, allowed: {allowed}")
        return DatabaseLogin(username, password), answer.get("VersionId", "")


def _parsed(text: str) -> Mapping[str, object]:
    try:
        content = json.loads(text)
    except ValueError:
        # Without a cause: json's error holds the whole text, which is the secret.
        return {}
    return content if isinstance(content, Mapping) else {}
