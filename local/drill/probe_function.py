"""The function that reaches the database from inside the VPC: asked for looks, and for a drill's rows."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.drill.probes import ProbeAnswer
from local.errors import LocalError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Longer than the function may take: its own answer says more than a time-out here.
PROBE_TIMEOUT_SECONDS = 35


class ProbeFunction:
    """A `DrilledDatabase`, asked through Lambda.

    Args:
        client: boto3's client of Lambda, which must not repeat a call: a drill's rows are numbered.
        name: The function's name.
    """

    def __init__(self, client: "LambdaClient", name: str) -> None:
        self._client = client
        self._name = name

    def look(self) -> ProbeAnswer:
        """Have a write committed that leaves no trace; a probe that could not answer is an answer, too."""
        try:
            return ProbeAnswer.of(self._ask({}))
        except LocalError as error:
            return ProbeAnswer(is_writable=False, error=str(error))

    def write(self, run: int, first: int, count: int) -> ProbeAnswer:
        """Have rows committed, one by one; without an answer each of them may be there."""
        try:
            return ProbeAnswer.of(self._ask({"drill": "write", "run": run, "first": first, "count": count}))
        except LocalError as error:
            return ProbeAnswer(is_writable=False, error=str(error), in_doubt=count)

    def present(self, run: int) -> set[int]:
        """Return the numbers of the rows that are there.

        Raises:
            LocalError: nobody could say.
        """
        response = self._ask({"drill": "count", "run": run})
        if response.get("error"):
            raise LocalError(f"the probe could not count: {response['error']}")
        return {number for first, last in response["present"] for number in range(first, last + 1)}

    def forget(self, run: int) -> None:
        """Have the rows removed; errors as `present`."""
        response = self._ask({"drill": "forget", "run": run})
        if response.get("error"):
            raise LocalError(f"the probe could not remove the drill's rows: {response['error']}")

    def _ask(self, event: Mapping[str, object]) -> dict[str, Any]:
        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=json.dumps(event).encode())
            content: dict[str, Any] = json.loads(answer["Payload"].read())
        except (ClientError, BotoCoreError, OSError, ValueError) as error:
            raise LocalError(f"the probe could not be asked: {error}") from error
        if "FunctionError" in answer:
            raise LocalError(f"the probe failed: {content.get('errorMessage')}")
        return content
