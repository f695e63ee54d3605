"""The deployed stack seen from outside: its functions, their logs and what they could not handle."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.aws.server import LocalAws
from local.errors import LocalError

_FUNCTION = "AWS::Lambda::Function"
_DENIAL = re.compile(r"is not authorized to perform: (?P<action>[\w-]+:\w+) on resource: (?P<resource>\S+)")


@dataclass(frozen=True, slots=True)
class Denial:
    """A call that IAM refused."""

    function: str
    action: str
    resource: str

    def __str__(self) -> str:
        """Return the denial in words."""
        return f"{self.function} was denied {self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class DeployedFunction:
    """One function of the stack.

    Args:
        logical_id: Its name in the template.
        name: Its physical name.
        log_group: Its log group.
        dead_letter_queue_url: Where its failures go.
    """

    logical_id: str
    name: str
    log_group: str
    dead_letter_queue_url: str


class DeployedStack:
    """Finds resources of the root stack and of the stacks nested in it, by logical id.

    Args:
        aws: Where it is deployed.
        name: The root stack's name.
    """

    def __init__(self, aws: LocalAws, name: str) -> None:
        self._aws = aws
        found = list(self._resources(name))
        self._physical_ids = {logical_id: physical_id for logical_id, _, physical_id in found}
        self._functions = tuple(sorted(logical_id for logical_id, kind, _ in found if kind == _FUNCTION))

    def __len__(self) -> int:
        """Return how many resources there are."""
        return len(self._physical_ids)

    @property
    def functions(self) -> tuple[str, ...]:
        """The logical ids of all functions."""
        return self._functions

    def physical_id(self, logical_id: str) -> str:
        """Return the physical id of a resource.

        Raises:
            LocalError: the stack has no such resource.
        """
        if logical_id not in self._physical_ids:
            raise LocalError(f"the stack has no resource {logical_id}")
        return self._physical_ids[logical_id]

    def function(self, logical_id: str) -> DeployedFunction:
        """Return a function by its logical id."""
        stem = logical_id.removesuffix("Function")
        return DeployedFunction(
            logical_id,
            self.physical_id(logical_id),
            self.physical_id(f"{stem}LogGroup"),
            self.physical_id(f"{stem}DeadLetterQueue"),
        )

    def invoke(self, logical_id: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke a function and return its response.

        Raises:
            LocalError: it raised; the message holds its error.
        """
        answer = self._aws.functions.invoke(
            FunctionName=self.physical_id(logical_id), Payload=json.dumps(event).encode()
        )
        response: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise LocalError(f"{logical_id} failed: {response.get('errorType')}: {response.get('errorMessage')}")
        return response

    def log_lines(self, logical_id: str) -> Iterator[str]:
        """Yield what a function logged, oldest first."""
        group = self.function(logical_id).log_group
        for stream in self._aws.logs.describe_log_streams(logGroupName=group)["logStreams"]:
            events = self._aws.logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
            yield from (event["message"].strip() for event in events)

    def log_records(self, logical_id: str, message: str) -> list[dict[str, Any]]:
        """Return the structured records with that message, oldest first."""
        found = [json.loads(line) for line in self.log_lines(logical_id) if line.startswith("{")]
        return [record for record in found if record.get("message") == message]

    def dead_letters(self, logical_id: str) -> list[dict[str, Any]]:
        """Return what a function could not handle; the letters stay in the queue."""
        answer = self._aws.sqs.receive_message(
            QueueUrl=self.function(logical_id).dead_letter_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def denials(self, logical_id: str) -> list[Denial]:
        """Return every call of a function that IAM refused, each once."""
        found = (match for line in self.log_lines(logical_id) for match in _DENIAL.finditer(line))
        return list(dict.fromkeys(Denial(logical_id, m["action"], m["resource"].rstrip('",.')) for m in found))

    def _resources(self, stack: str) -> Iterator[tuple[str, str, str]]:
        for resource in self._aws.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
            physical_id = resource.get("PhysicalResourceId", "")
            yield resource["LogicalResourceId"], resource["ResourceType"], physical_id
            if resource["ResourceType"] == "AWS::CloudFormation::Stack":
                yield from self._resources(physical_id)


def cause_of(letter: Mapping[str, Any]) -> str:
    """Return why a letter is in a dead-letter queue: the function's error, or that it was never reached."""
    answer = letter.get("responsePayload") or {}
    return str(answer.get("errorMessage", "something could not be delivered to it"))
