"""Invokes functions by Lambda and waits for their answers."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rds_operations.adapters.aws_clients import aws_client
from rds_operations.adapters.aws_errors import translating
from rds_operations.domain.errors import RefusedError
from rds_operations.domain.invocations import remote_failure

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 160
"""Longer than the timeout of any function that is waited for (SetUpDatabaseFunction: 150 s)."""


def lambda_client(
    *, connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS, read_timeout_seconds: float = READ_TIMEOUT_SECONDS
) -> "LambdaClient":
    """Return a client that waits for a whole run and never repeats one by itself, which would start a second run.

    Args:
        connect_timeout_seconds: Wait for a connection.
        read_timeout_seconds: Wait for the answer: that of a whole run, unless the caller can do without.
    """
    client: LambdaClient = aws_client(
        "lambda",
        connect_timeout_seconds=connect_timeout_seconds,
        read_timeout_seconds=read_timeout_seconds,
        attempts=1,
        # Nothing is heard of a function that runs for minutes: a router would forget the connection.
        keeps_connection_alive=True,
    )
    return client


class LambdaFunctions:
    """`Functions` in Lambda.

    Args:
        client: boto3's client of Lambda.
    """

    def __init__(self, client: "LambdaClient") -> None:
        self._client = client

    def invoke(self, function_name: str, event: Mapping[str, object]) -> Mapping[str, object]:
        """Return what the function answers, in one call.

        Raises:
            RetryableError: Lambda throttled or could not be reached, or the function failed so that a repeat may help.
            RefusedError: the call is not allowed, or the function failed otherwise, or answered with no object.
            ConfigurationError: the function says that its settings are wrong.
        """
        with translating(f"invoking {function_name}"):
            response = self._client.invoke(FunctionName=function_name, Payload=json.dumps(dict(event)).encode())
            content = response["Payload"].read()
        answer = _parsed(content)
        if "FunctionError" in response:
            raise remote_failure(function_name, answer or {})
        if answer is None:
            raise RefusedError(f"{function_name} answered with something else than an object")
        return answer


def _parsed(content: bytes) -> Mapping[str, object] | None:
    try:
        answer = json.loads(content)
    except ValueError:
        # Without a cause: json's error holds the whole text, whatever that is.
        return None
    return answer if isinstance(answer, dict) else None
